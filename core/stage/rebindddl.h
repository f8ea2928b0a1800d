// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/stage/shadowspec.h"

namespace tidemark::stage {

/// SQL for what is bound to the old table by its catalogue number rather than its name. All definitions were taken while the old table
/// had the name, so that, run when the new one has it, they bind to that: no text is ever rewritten. Exact statements without
/// final semicolons; pure.

/// Whether the new table can have the foreign key: it still has a unique key on exactly what an inbound one refers to, and a
/// hypertable refers to no hypertable.
[[nodiscard]] bool canHave(const TableInventory &source, const ShadowSpec &spec, const ForeignKey &key);
/// Whether the table's own foreign key waits for finishSwap: all where the spec says so, and below 18 always one that refers to
/// its own table, because there each partition's key is kept for each partition, 10 000 for 100 (15 s measured with 102).
[[nodiscard]] bool comesAfterSwap(const TableInventory &source, const ShadowSpec &spec, const ForeignKey &key);
/// Whether the new table can have the trigger: the limits of partitioned tables and hypertables.
[[nodiscard]] bool canHave(const TableInventory &source, const ShadowSpec &spec, const Trigger &trigger);
/// Rewrite rules of its own; TimescaleDB has none on hypertables.
[[nodiscard]] bool canHaveRules(const ShadowSpec &spec);

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

} // namespace tidemark::stage
