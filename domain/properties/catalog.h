// The catalogue of properties: their ids, in the order of precedence (the most telling first,
// liveness last), and what each says in plain words. A new property is one line here and one in the
// file pair of its group.
#pragma once

#include <cstdint>

namespace sagasim::domain {

enum class PropertyId : std::uint8_t {
  kEvt1,
  kIdm1,
  kDlq1,
  kEvt2,
  kPay5,
  kPay1,
  kMon5,
  kStk5,
  kMon1,
  kMon2,
  kMon3,
  kMon6,
  kMon7,
  kStk1,
  kStk2,
  kStk3,
  kCpn1,
  kCpn2,
  kCpn5,
  kCpn6,
  kPay2,
  kPay6,
  kPay7,
  kIdm9,
  kIdm5,
  kOrd1,
  kOrd2,
  kOrd3,
  kOrd4,
  kOrd5,
  kPrc1,
  kPrc2,
  kPrc3,
  kRef1,
  kOrd6,
  kOrd7,
  kMon8,
  kLin1,
  kLin2,
  kCmp2,
  kCmp3,
  kEvt3,
  kEvt5,
  kEvt6,
  kEvt7,
  kPrc4,
  kDpl1,
  kRnk3,
  kOut2,
  kOut1,
  kOrp1,
  kCmp1,
  kMon4,
  kStk4,
  kStk6,
  kCpn3,
  kCpn4,
  kPay3,
  kPay4,
  kPay8,
  kOrp2,
  kMet14,
  kRnk1,
  kRnk2,
  kDpl2,
  kIdm2,
  kEvt8,
  kOut3,
  kRul1,
  kRes1,
  kRes2,
  kRes3,
  kLiv1,
  kLiv2,
  kLiv3,
  kLiv5,
  kLiv6,
  kLiv7,
  kLiv9,
};

struct PropertyEntry {
  const char* id;           // "MON-4"
  const char* description;  // one sentence that a product owner understands
};

// Indexed by PropertyId.
extern const PropertyEntry kPropertyCatalog[];
extern const unsigned kPropertyCount;

}  // namespace sagasim::domain
