// The axes of a comparison: what somebody asked for, or a preset.
#pragma once

#include <string>
#include <vector>

namespace sagasim::apps {

// A place on an axis: what it is called, and the settings that make it.
struct AxisPoint {
  std::string label;
  std::vector<std::string> settings;
};
struct Axis {
  std::string name;
  std::vector<AxisPoint> points;
};

// `KEY=V1,V2,…`. A value may hold commas inside quotes or brackets. Throws BadInput.
Axis parse_axis(const std::string& text);

struct ComparePreset {
  const char* id;
  const char* description;
  std::vector<Axis> axes;
  bool is_ladder = false;        // the one axis goes from the strongest to the weakest
  bool shows_completed = false;  // how many orders complete is part of the answer
};
// Throws BadInput if there is none of that name.
ComparePreset find_preset(const std::string& name);

}  // namespace sagasim::apps
