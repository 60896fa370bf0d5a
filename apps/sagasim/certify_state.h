// CertifyState as a file: where a search stands, so that it can go on another day.
#pragma once

#include <cstdint>
#include <string>

#include "search/certify.h"

namespace sagasim::apps {

// `search` names what is searched: a hash of everything that the answer depends on.
void write_certify_state(const std::string& path, std::uint64_t search,
                         const search::CertifyState& state);
// Throws BadInput if it is no such file, that of another search or version, or was changed since.
search::CertifyState read_certify_state(const std::string& path, std::uint64_t search);

}  // namespace sagasim::apps
