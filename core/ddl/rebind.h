// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/catalog/tableinventory.h"

#include <QSet>

namespace tidemark::ddl {

/// SQL for what is bound to the old table by its catalogue number rather than its name. All definitions were taken while the old table
/// had the name, so that, run when the new one has it, they bind to that: no text is ever rewritten. Exact statements without
/// final semicolons; pure.

/// In the swap, before names change hands: functions bound to the row type step aside under names of their own.
[[nodiscard]] QStringList setFunctionsAside(const TableInventory &source);
/// In the swap, after names changed hands, either way: policies, rules, views (in order; CREATE OR REPLACE keeps their oid, grants
/// and dependents) and BEGIN ATOMIC functions now mean the table that has the name.
[[nodiscard]] QStringList rebindDependents(const TableInventory &source);
/// In the swap, after rebindDependents: the functions of the row type again, for the new one's, with owner, grants and comment.
[[nodiscard]] QStringList remakeFunctions(const TableInventory &source);
/// In the swap back, before names change hands, and after: the new row type's functions go, the old ones come back.
[[nodiscard]] QStringList dropRemadeFunctions(const TableInventory &source);
[[nodiscard]] QStringList bringFunctionsBack(const TableInventory &source);

/// A materialized view that reads the table, or another that was rebuilt. The old one goes on giving answers until a full new one
/// takes its name: computing it inside the swap would stall every client for as long as it takes.
struct ViewRebuild
{
    pg::QualifiedName view;
    QStringList create;   ///< one transaction, empty, with its settings; after the exchanges before it
    QString refresh;      ///< fills it as its owner, outside a transaction; empty for a view that was never populated
    QStringList complete; ///< indexes, statistics objects, grants, comments
    QStringList exchange; ///< one short transaction: names change hands, what reads it follows
    QStringList exchangeBack; ///< the same, undone, in reverse order
    QString drop;             ///< takes the new one away again, after exchangeBack
    QString
        refreshBack; ///< outside a transaction, once the old table is back: the old one's content is of before the swap
    QString retire;  ///< drops the old one
};
/// In the order in which they must be done after the swap.
[[nodiscard]] std::vector<ViewRebuild> rebuildViews(const TableInventory &source);
/// The same where several relations gave up their names: `moved` are their oids, `views` all that reads any of them, each
/// after what it reads.
[[nodiscard]] std::vector<ViewRebuild> rebuildViews(const std::vector<DependentView> &views, QSet<quint32> moved,
                                                    int serverVersion);

} // namespace tidemark::ddl
