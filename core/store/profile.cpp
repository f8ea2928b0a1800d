// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/profile.h"

namespace tidemark {

QString toWord(Environment environment)
{
    switch (environment) {
    case Environment::Development:
        return QStringLiteral("development");
    case Environment::Test:
        return QStringLiteral("test");
    case Environment::Production:
        break;
    }
    return QStringLiteral("production");
}

QString toWord(Safety safety)
{
    switch (safety) {
    case Safety::Confirm:
        return QStringLiteral("confirm");
    case Safety::Free:
        return QStringLiteral("free");
    case Safety::ReadOnly:
        break;
    }
    return QStringLiteral("read_only");
}

std::optional<Environment> environmentOf(const QString &word)
{
    for (const Environment environment : {Environment::Development, Environment::Test, Environment::Production}) {
        if (word == toWord(environment))
            return environment;
    }
    return std::nullopt;
}

std::optional<Safety> safetyOf(const QString &word)
{
    for (const Safety safety : {Safety::ReadOnly, Safety::Confirm, Safety::Free}) {
        if (word == toWord(safety))
            return safety;
    }
    return std::nullopt;
}

} // namespace tidemark
