// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/profile.h"

#include "core/base/words.h"

#include <array>

namespace tidemark {

namespace {

constexpr std::array environments{Word{Environment::Development, "development"}, Word{Environment::Test, "test"},
                                  Word{Environment::Production, "production"}};
constexpr std::array safeties{Word{Safety::ReadOnly, "read_only"}, Word{Safety::Confirm, "confirm"},
                              Word{Safety::Free, "free"}};

} // namespace

QString toWord(Environment environment)
{
    return wordOf(environments, environment);
}

QString toWord(Safety safety)
{
    return wordOf(safeties, safety);
}

std::optional<Environment> environmentOf(const QString &word)
{
    return valueOf(environments, word);
}

std::optional<Safety> safetyOf(const QString &word)
{
    return valueOf(safeties, word);
}

} // namespace tidemark
