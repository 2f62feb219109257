#include "templating/helm/functions/functions.h"

namespace headgate::templating::helm {

void AddFunctions(FunctionTable* table) {
  static constexpr void (*kFamilies[])(FunctionTable*) = {
      AddCases,    AddCertificates, AddCiphers,   AddCopies,    AddDates,
      AddDefaults, AddDicts,        AddEncodings, AddJson,      AddLists,
      AddMath,     AddMerges,       AddNetwork,   AddPasswords, AddPaths,
      AddRandom,   AddReflection,   AddRegexes,   AddSequences, AddStrings,
      AddToml,     AddUrls,         AddVersions,  AddWraps,     AddYaml,
  };
  for (const auto add : kFamilies) {
    add(table);
  }
}

std::span<const Varying> VaryingFunctions() {
  static constexpr Varying kVarying[] = {
      {"ago", Variation::kTime},
      {"bcrypt", Variation::kRandom},
      {"date", Variation::kTime},
      {"dateInZone", Variation::kTime},
      {"date_in_zone", Variation::kTime},
      {"encryptAES", Variation::kRandom},
      {"genCA", Variation::kRandom},
      {"genCAWithKey", Variation::kRandom},
      {"genPrivateKey", Variation::kRandom},
      {"genSelfSignedCert", Variation::kRandom},
      {"genSelfSignedCertWithKey", Variation::kRandom},
      {"genSignedCert", Variation::kRandom},
      {"genSignedCertWithKey", Variation::kRandom},
      {"htmlDate", Variation::kTime},
      {"htmlDateInZone", Variation::kTime},
      {"htpasswd", Variation::kRandom},
      {"now", Variation::kTime},
      {"randAlpha", Variation::kRandom},
      {"randAlphaNum", Variation::kRandom},
      {"randAscii", Variation::kRandom},
      {"randBytes", Variation::kRandom},
      {"randInt", Variation::kRandom},
      {"randNumeric", Variation::kRandom},
      {"shuffle", Variation::kRandom},
      {"uuidv4", Variation::kRandom},
  };
  return kVarying;
}

}  // namespace headgate::templating::helm
