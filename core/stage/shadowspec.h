// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/catalog/fidelity.h"
#include "core/catalog/tableinventory.h"

namespace tidemark::stage {

/// What the table that takes over is.
enum class ShadowShape {
    Same,       ///< a plain table again
    Native,     ///< partitioned by range of one column
    Hypertable, ///< TimescaleDB's
};

/// A range partition. Bounds are values without quotes, `from` inclusive, `to` exclusive; an empty one is MINVALUE or MAXVALUE.
struct ShadowPartition
{
    QString name; ///< in the table's schema, for good
    QString from;
    QString to;
    bool isDefault = false;
    friend bool operator==(const ShadowPartition &, const ShadowPartition &) = default;
    template<typename Self, typename Visit>
    static void fields(Self &self, Visit &&visit)
    {
        visit("name", self.name);
        visit("from", self.from);
        visit("to", self.to);
        visit("default", self.isDefault);
    }
};

/// What the shadow is made like, beside the inventory of the table it follows.
struct ShadowSpec
{
    ShadowShape shape = ShadowShape::Same;
    QString keyColumn;                       ///< of Native and Hypertable
    std::vector<ShadowPartition> partitions; ///< of Native, in order, the default last
    QString chunkInterval;                   ///< of Hypertable: an interval ("7 days"), or a number for an integer key
    QString timescaleSchema = QStringLiteral("public");
    QString shadowName;  ///< until the swap, in the table's own schema
    QString retiredName; ///< of the old table after it

    /// Of Native: nothing is copied. The old table becomes the first partition, called retiredName from the swap on, with all
    /// below `historyTo` (a value without quotes, exclusive; empty: MAXVALUE); `partitions` are those that come after it.
    bool attach = false;
    QString historyTo;

    /// Of Native: foreign keys are made in finishSwap, one partition at a time, and do not lengthen the swap. Until then nothing checks
    /// them on new rows; VALIDATE finds what came in.
    bool foreignKeysAfterSwap = false;

    friend bool operator==(const ShadowSpec &, const ShadowSpec &) = default;

    /// `"version": 1` and the fields: a run keeps it beside the inventory.
    [[nodiscard]] QJsonObject toJson() const;
    [[nodiscard]] static Result<ShadowSpec> fromJson(const QJsonObject &json);
};

/// The rules by which the shadow is judged before the swap (`afterSwap` false) and after it.
[[nodiscard]] FidelityRules fidelityRules(const TableInventory &source, const ShadowSpec &spec, bool afterSwap);

} // namespace tidemark::stage
