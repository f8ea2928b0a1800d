// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/catalog/tableinventory.h"

#include <QHash>
#include <QSet>

namespace tidemark {

/// One thing in which the table that takes over is not what the old one was.
struct Difference
{
    enum class Severity {
        Expected, ///< it follows from what was asked for; reason says why
        Blocking, ///< lost or changed: the swap stays closed until it is put right or waived by its key
    };
    QString what;   ///< "table", "column", "index", "view" …
    QString object; ///< its name
    QString aspect; ///< the field that differs; "missing", "extra" or "order"
    QString source;
    QString target;
    Severity severity = Severity::Blocking;
    QString reason;

    /// "index plays_artist_idx: body". What a waiver names.
    [[nodiscard]] QString key() const;
    friend bool operator==(const Difference &, const Difference &) = default;
};

/// What was asked for, as far as it makes the target differ.
struct FidelityRules
{
    enum class Shape { Same, Partitioned, Hypertable } shape = Shape::Same;
    QString partitionKey; ///< column that unique keys had to gain
    /// Before the swap the target stands under names of its own, and what moves in the swap (foreign keys, triggers, rules,
    /// policies, publications, row security, dependents, serials) is not yet on it: neither is compared.
    bool afterSwap = true;
    /// Before the swap: name of a target's index, sequence or statistics object -> the name it will get.
    QHash<QString, QString> names;
    /// Right after the swap foreign keys await VALIDATE and materialized views their rebuild: these are expected then.
    bool finishing = false;
};

/// Compares what the two tables are, not how the catalogue numbers them: oids, sizes and estimates do not count, privileges
/// count whatever their order, a sequence may only have gone on. Triggers named tidemark_… are the tool's own and do not count.
/// In the order of the inventory. Pure.
[[nodiscard]] std::vector<Difference> diff(const TableInventory &source, const TableInventory &target,
                                           const FidelityRules &rules = {});

/// Those that keep the swap closed: blocking and not waived by key.
[[nodiscard]] std::vector<Difference> unwaived(const std::vector<Difference> &differences,
                                               const QSet<QString> &waivers);

} // namespace tidemark
