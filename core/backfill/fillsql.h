// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/backfill/backfillspec.h"
#include "core/capture/capturespec.h"

namespace tidemark::backfill {

/// A column to be set, as the catalogue has it.
struct FilledColumn
{
    QString name;
    QString type; ///< for SQL, with its schema
    QString expression;
    friend bool operator==(const FilledColumn &, const FilledColumn &) = default;
};

/// The condition by which rows are found, as it will stand in the statements.
[[nodiscard]] QString conditionOf(const BackfillSpec &spec);

/// All that the SQL of a backfill is made from. The statements are pure text; a chunk's have the range of pages as $1 and $2,
/// read only the table they are told (not those below it), and return one row: how many rows they filled, and of how many
/// of them the condition still holds.
struct FillSql
{
    pg::QualifiedName table;
    pg::QualifiedName from; ///< no name: the table itself
    std::vector<FilledColumn> columns;
    QString where;
    std::vector<KeyColumn> key; ///< a unique key of the table; of one from elsewhere all its columns are filled
    pg::QualifiedName kept;     ///< where keys and old values are kept; no name: nowhere
    bool once = false;          ///< a row that is kept is not filled again, even where the condition still holds of it
    pg::QualifiedName trigger;  ///< the function of the trigger that keeps up
    int serverVersion = 0;      ///< 150018

    [[nodiscard]] QString chunk(const pg::QualifiedName &leaf) const;
    /// SELECT of one boolean: is a row of it left to be filled?
    [[nodiscard]] QString isLeft(const pg::QualifiedName &leaf) const;
    /// EXPLAIN of what chunks do, which evaluates nothing. Where columns are yet to be made, of the expressions alone.
    [[nodiscard]] QString trial(bool columnsAreThere) const;

    enum Sampling { Explained, Executed };
    /// What `most` rows are and would be: their key, then of each column the old value (of a table's own rows) and the new one,
    /// all as text. `added` columns need not be there yet.
    [[nodiscard]] QString sample(const std::vector<NewColumn> &added, int most, Sampling sampling) const;

    [[nodiscard]] QStringList createKept() const;
    /// Takes back the rows whose keys stand on these pages of the kept ones. Returns how many it took back, and how many were
    /// changed by somebody since and are left as they are.
    [[nodiscard]] QString takeBack() const;

    [[nodiscard]] QStringList createTrigger() const;
    [[nodiscard]] QStringList dropTrigger() const;

private:
    [[nodiscard]] QString chunkOfOwnRows(const pg::QualifiedName &leaf) const;
    [[nodiscard]] QString chunkOfOthers(const pg::QualifiedName &leaf) const;
    [[nodiscard]] QString keepFilled() const;
    [[nodiscard]] QString isNotKept() const;
    /// "alias" under which the expressions know the row: the name of the table they are over.
    [[nodiscard]] QString alias() const;
};

} // namespace tidemark::backfill
