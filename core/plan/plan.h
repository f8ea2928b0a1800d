// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pg/capabilities.h"
#include "core/plan/step.h"

#include <QJsonObject>

namespace tidemark {

/// The database that a plan was made for, known for good.
struct PlanTarget
{
    QString systemIdentifier;
    quint32 databaseOid = 0;
    QString database; ///< its name when the plan was made, for people

    [[nodiscard]] static PlanTarget of(const pg::Capabilities &capabilities);
    /// Whether that is the same database of the same server, whatever it is called now.
    [[nodiscard]] bool isSame(const PlanTarget &other) const
    {
        return systemIdentifier == other.systemIdentifier && databaseOid == other.databaseOid;
    }
    friend bool operator==(const PlanTarget &, const PlanTarget &) = default;
};

/// An ordered list of steps with their exact SQL. Making one changes nothing; it can be shown, kept in a file, confirmed
/// and run. What a person confirmed is its fingerprint: the runner refuses any other. A value.
struct Plan
{
    QString kind;  ///< "stage", "backfill", "toolkit", "sql"
    QString title; ///< "Partition public.plays by played_at"
    PlanTarget target;
    QJsonObject spec; ///< what the person asked for, as far as it is needed to make the plan again
    std::vector<Step> steps;
    QStringList notes; ///< what to know before confirming

    /// SHA-256, in hexadecimal, of all that decides what will be done: target, kind and steps.
    [[nodiscard]] QString fingerprint() const;

    /// The last step that cannot be undone once done, or nothing.
    [[nodiscard]] const Step *lastPointOfNoReturn() const;

    [[nodiscard]] QJsonObject toJson() const;
    /// Errors: Input where it is no plan, is of a later version, or its fingerprint is not that of its steps.
    [[nodiscard]] static Result<Plan> fromJson(const QJsonObject &json);
    [[nodiscard]] static Result<Plan> parse(const QByteArray &json);

    /// All of it for people, the SQL exactly as it will run: what the command line prints and the Review page shows.
    [[nodiscard]] QString preview() const;

    friend bool operator==(const Plan &, const Plan &) = default;
};

} // namespace tidemark
