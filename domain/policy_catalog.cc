#include "domain/policy_catalog.h"

#include <type_traits>

namespace sagasim::domain {
namespace {

template <auto kField>
std::size_t get_choice(const Policy& policy) {
  return static_cast<std::size_t>(policy.*kField);
}
template <auto kField>
void set_choice(Policy& policy, std::size_t index) {
  policy.*kField = static_cast<std::remove_reference_t<decltype(policy.*kField)>>(index);
}
template <auto kField>
std::size_t get_duration(const Policy& policy) {
  return (policy.*kField) ? 1 : 0;
}
template <auto kField>
void set_duration(Policy& policy, [[maybe_unused]] std::size_t index) {
  (policy.*kField).reset();
}

#define CHOICE(Enum, field, guard, what) const PolicyValue k_##field[] = {
#define VALUE(enumerator, word, sentence) {word, sentence},
#define END_CHOICE \
  }                \
  ;
#define SWITCH(field, guard, what, on, off) \
  const PolicyValue k_##field[] = {{"on", on}, {"off", off}};
#define PATIENCE(field, guard, what, off) const PolicyValue k_##field[] = {{"off", off}};
#include "domain/policies.def"
#undef CHOICE
#undef VALUE
#undef END_CHOICE
#undef SWITCH
#undef PATIENCE

#define CHOICE(Enum, field, guard, what) \
  {#field,                               \
   guard,                                \
   what,                                 \
   k_##field,                            \
   nullptr,                              \
   &get_choice<&Policy::field>,          \
   &set_choice<&Policy::field>},
#define VALUE(enumerator, word, sentence)
#define END_CHOICE
#define SWITCH(field, guard, what, on, off) CHOICE(Switch, field, guard, what)
#define PATIENCE(field, guard, what, off) \
  {#field,                                \
   guard,                                 \
   what,                                  \
   k_##field,                             \
   &Policy::field,                        \
   &get_duration<&Policy::field>,         \
   &set_duration<&Policy::field>},

const PolicyEntry kCatalog[] = {
#include "domain/policies.def"
};

}  // namespace

std::span<const PolicyEntry> policy_catalog() { return kCatalog; }

}  // namespace sagasim::domain
