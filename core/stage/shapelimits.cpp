// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stage/shapelimits.h"

#include <QSet>

#include <algorithm>

namespace tidemark::stage {

bool canHaveRules(const ShadowSpec &spec)
{
    return spec.shape != ShadowShape::Hypertable;
}

bool canHave(const TableInventory &source, const ShadowSpec &spec, const ForeignKey &key)
{
    if (!key.inbound)
        return true;
    if (key.own && spec.shape == ShadowShape::Hypertable)
        return false;
    const QSet<QString> wanted(key.referencedColumns.begin(), key.referencedColumns.end());
    return std::any_of(source.indexes.begin(), source.indexes.end(), [&](const TableIndex &index) {
        return index.isUnique && index.isValid && index.predicate.isEmpty() && !index.keyExpressions
               && QSet<QString>(index.columns.begin(), index.columns.end()) == wanted
               && (spec.shape == ShadowShape::Same || index.columns.contains(spec.keyColumn));
    });
}

bool comesAfterSwap(const TableInventory &source, const ShadowSpec &spec, const ForeignKey &key)
{
    return spec.shape == ShadowShape::Native && key.own
           && (spec.foreignKeysAfterSwap || (key.inbound && source.serverVersion < 180'000));
}

bool canHave(const TableInventory &source, const ShadowSpec &spec, const Trigger &trigger)
{
    const bool isOff = trigger.enabled == QLatin1String("DISABLE")
                       || trigger.enabled == QLatin1String("ENABLE REPLICA");
    if (spec.shape == ShadowShape::Hypertable && isOff)
        return false; // it could not be switched off
    if (spec.shape == ShadowShape::Same || !trigger.isRow)
        return true;
    return !trigger.transitionTables
           && !(spec.shape == ShadowShape::Native && trigger.isBefore && source.serverVersion < 130'000);
}

} // namespace tidemark::stage
