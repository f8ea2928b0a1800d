// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/capture/capturecatalog.h"
#include "core/managed/deltascope.h"
#include "core/pg/params.h"

namespace tidemark::managed {

/// A table and the view that says what it should hold.
struct DeltaTarget
{
    pg::QualifiedName table;
    pg::QualifiedName definition;
    std::vector<RowColumn> columns; ///< of the definition, as the table has them
    QStringList key;                ///< unique in the definition's content
    QStringList unique; ///< columns beside the key of which unique indexes or exclusions of the table are made

    /// Null for a name that is no column of it.
    [[nodiscard]] const RowColumn *column(const QString &name) const;
    /// All of the key are NOT NULL in the table, so that its index lets no key in twice.
    [[nodiscard]] bool isKeyGuarded() const;
    /// A row's key tells whether it belongs to the scope: then no row can come in or leave but by its key.
    [[nodiscard]] bool isOfKey(const DeltaScope &scope) const;
};

/// The statements of a delta refresh as exact text without final semicolons; pure. They are run in the order in which they
/// stand here, in one transaction at REPEATABLE READ, so that one content is compared and one is seen. Rows are the same where
/// each column is the same byte for byte: json, xml and point, which have no equality, are compared, and 1.0 is not 1.00.
namespace deltasql {

/// What the scope's predicates take as $1, $2 …; `first` and `count` choose some of its values.
[[nodiscard]] pg::Params paramsOf(const DeltaScope &scope, std::size_t first = 0, std::size_t count = SIZE_MAX);

/// The definition's rows of the scope into a temporary table: how many is in the command's tag. Evaluates the definition.
[[nodiscard]] QString fetch(const DeltaTarget &target, const DeltaScope &scope);
/// More of it, for other values.
[[nodiscard]] QString fetchMore(const DeltaTarget &target, const DeltaScope &scope);
/// The key's columns alone are analysed: by them the rows are joined.
[[nodiscard]] QString analyze(const DeltaTarget &target);

/// Of a scope that is not of the key: keys of standing rows of it that the new content lacks. They are gone, or have left the
/// scope; their new rows, if any, are fetched by key.
[[nodiscard]] QString missing(const DeltaTarget &target, const DeltaScope &scope);

/// A key that the new content has twice: the key's columns as text and how often; no row where there is none.
[[nodiscard]] QString duplicate(const DeltaTarget &target);
/// How many rows stand.
[[nodiscard]] QString countStanding(const DeltaTarget &target);

/// What differs, into a second temporary table: with the place of the standing row where there is one, and whether that goes.
[[nodiscard]] QString compare(const DeltaTarget &target, const DeltaScope &scope);

[[nodiscard]] QString removeGone(const DeltaTarget &target, const DeltaScope &scope);
/// Where anything is unique beside the key: rows in which that changes are removed and inserted anew, since an UPDATE is checked
/// row by row and two rows could not exchange a value. To who references such a row it is deleted.
[[nodiscard]] QString removeMoved(const DeltaTarget &target);
[[nodiscard]] QString update(const DeltaTarget &target);
[[nodiscard]] QString insert(const DeltaTarget &target);
[[nodiscard]] QString drop();

/// The statements of a full refresh in their order, for people. A comment at its head says what is left out: the transaction and
/// its settings, the analysis of what was fetched, the search for keys that come twice, the line of the history.
[[nodiscard]] QString wholeText(const DeltaTarget &target);

/// Rows that the table has and the definition has not, and the other way round, counted; reads both.
[[nodiscard]] QString divergence(const DeltaTarget &target);

} // namespace deltasql

} // namespace tidemark::managed
