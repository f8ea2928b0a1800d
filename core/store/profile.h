// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/instant.h"
#include "core/pg/conninfo.h"

#include <QStringList>

namespace tidemark {

enum class Environment { Development, Test, Production };

/// ReadOnly: the session itself is read-only and cancel/terminate are refused. Confirm: each change asks once. Free: asks
/// only for what cannot be undone.
enum class Safety { ReadOnly, Confirm, Free };

/// How to reach a server. Never holds a secret: those are the SecretStore's, by the profile's name.
struct Profile
{
    QString name;
    pg::ConnInfo connInfo; ///< without passwords
    Environment environment = Environment::Development;
    Safety safety = Safety::ReadOnly;
    QStringList databases;      ///< to watch; empty: all the role may connect to
    Millis interval{2000};      ///< wished; the budget may widen it
    double budgetPercent = 1.0; ///< of one core of the server
    bool connectAtStart = false;
    friend bool operator==(const Profile &, const Profile &) = default;
};

[[nodiscard]] QString toWord(Environment environment); ///< "development", "test", "production"
[[nodiscard]] QString toWord(Safety safety);           ///< "read_only", "confirm", "free"
[[nodiscard]] std::optional<Environment> environmentOf(const QString &word);
[[nodiscard]] std::optional<Safety> safetyOf(const QString &word);

} // namespace tidemark
