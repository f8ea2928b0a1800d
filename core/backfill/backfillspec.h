// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pg/session.h"
#include "core/plan/action.h"

namespace tidemark::backfill {

/// One column and the SQL expression that it gets, over the columns of the row it is made from.
struct Assignment
{
    QString column;
    QString expression;
    friend bool operator==(const Assignment &, const Assignment &) = default;
};

/// A column to be made first, always without a default, so that making it takes no time.
struct NewColumn
{
    QString name;
    QString type;
    friend bool operator==(const NewColumn &, const NewColumn &) = default;
};

/// What a DBA asks of a backfill: wizard and command line fill in the same.
struct BackfillSpec
{
    pg::QualifiedName table; ///< its rows are set; with `from`, rows are added to it
    pg::QualifiedName from;  ///< where they are made from; no name: from the table's own rows
    std::vector<NewColumn> add;
    std::vector<Assignment> set;
    QString where;        ///< which rows; empty: those with a NULL in a column to be set, and with `from` all
    bool notNull = false; ///< afterwards the columns are declared NOT NULL
    bool keepUp = false;  ///< rows that are written while it runs get the values at once, by a trigger
    bool keepOld = true;  ///< the old values are kept until the DBA lets them go, so that it can be undone

    [[nodiscard]] bool adds() const { return !from.name.isEmpty(); }
    [[nodiscard]] QJsonObject toJson() const;
    /// Errors: Input, naming what is wrong and what it may be.
    [[nodiscard]] static Result<BackfillSpec> fromJson(const QJsonObject &json);
};

/// Reads the table and makes the plan. The expressions are tried on the server, on no row. Changes nothing. Errors: Missing,
/// Unsupported and Input, naming the column, the expression or the key that is missing.
[[nodiscard]] Result<Plan> planBackfill(pg::Session &session, const BackfillSpec &spec,
                                        const pg::CallOptions &call = {});

/// The actions of the steps that planBackfill() makes, besides the engine's own.
[[nodiscard]] Actions backfillActions();

} // namespace tidemark::backfill
