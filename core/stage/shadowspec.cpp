// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stage/shadowspec.h"

#include "core/catalog/fields.h"
#include "core/ddl/identifiers.h"

#include <QCoreApplication>

namespace tidemark::stage {

namespace {

/// The fields of a ShadowSpec for JSON; the shape is a word.
struct SpecFields
{
    ShadowSpec spec;
    QString shape;
    template<typename Self, typename Visit>
    static void fields(Self &self, Visit &&visit)
    {
        visit("shape", self.shape);
        visit("key_column", self.spec.keyColumn);
        visit("partitions", self.spec.partitions);
        visit("chunk_interval", self.spec.chunkInterval);
        visit("timescale_schema", self.spec.timescaleSchema);
        visit("shadow_name", self.spec.shadowName);
        visit("retired_name", self.spec.retiredName);
        visit("foreign_keys_after_swap", self.spec.foreignKeysAfterSwap);
        visit("attach", self.spec.attach);
        visit("history_to", self.spec.historyTo);
    }
};

QString toWord(ShadowShape shape)
{
    switch (shape) {
    case ShadowShape::Native:
        return QStringLiteral("native");
    case ShadowShape::Hypertable:
        return QStringLiteral("hypertable");
    case ShadowShape::Same:
        break;
    }
    return QStringLiteral("same");
}

} // namespace

QJsonObject ShadowSpec::toJson() const
{
    QJsonObject object = fields::toJson(SpecFields{*this, toWord(shape)}).toObject();
    object.insert(QStringLiteral("version"), 1);
    return object;
}

Result<ShadowSpec> ShadowSpec::fromJson(const QJsonObject &json)
{
    SpecFields read;
    if (json.value(QStringLiteral("version")).toInt() == 1)
        fields::fromJson(QJsonValue(json), read);
    for (const ShadowShape shape : {ShadowShape::Same, ShadowShape::Native, ShadowShape::Hypertable}) {
        if (toWord(shape) == read.shape) {
            read.spec.shape = shape;
            return read.spec;
        }
    }
    return fail(Error::input(QCoreApplication::translate(
        "ShadowSpec", "this description of a new table was not written by this version of Tidemark")));
}

FidelityRules fidelityRules(const TableInventory &source, const ShadowSpec &spec, bool afterSwap)
{
    FidelityRules rules;
    rules.shape = spec.shape == ShadowShape::Native       ? FidelityRules::Shape::Partitioned
                  : spec.shape == ShadowShape::Hypertable ? FidelityRules::Shape::Hypertable
                                                          : FidelityRules::Shape::Same;
    rules.partitionKey = spec.keyColumn;
    rules.afterSwap = afterSwap;
    if (afterSwap)
        return rules;
    for (const TableIndex &index : source.indexes)
        rules.names.insert(ddl::nameBefore(index.name), index.name);
    for (const OwnedSequence &sequence : source.sequences)
        rules.names.insert(ddl::nameBefore(sequence.name.name), sequence.name.name);
    for (const StatisticsObject &object : source.statistics)
        rules.names.insert(ddl::nameBefore(object.name.name), object.name.name);
    return rules;
}

} // namespace tidemark::stage
