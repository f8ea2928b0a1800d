// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stage/shadowparts.h"

#include "core/ddl/sqltext.h"

#include <algorithm>

namespace tidemark::stage {

using pg::quoteIdentifier;
using pg::quoteLiteral;

bool gainsKey(const TableIndex &index, const ShadowSpec &spec)
{
    return index.isUnique && spec.shape != ShadowShape::Same && !index.columns.contains(spec.keyColumn);
}

const TableConstraint *constraintOf(const TableInventory &source, const TableIndex &index)
{
    const auto found = std::find_if(source.constraints.begin(), source.constraints.end(),
                                    [&](const TableConstraint &constraint) {
                                        return !index.constraint.isEmpty() && constraint.name == index.constraint;
                                    });
    return found == source.constraints.end() ? nullptr : &*found;
}

QString deferrableText(const TableConstraint &constraint)
{
    if (!constraint.deferrable)
        return {};
    return constraint.deferred ? QStringLiteral(" DEFERRABLE INITIALLY DEFERRED") : QStringLiteral(" DEFERRABLE");
}

QString createIndex(const TableIndex &index, const ShadowSpec &spec, const IndexMaking &making)
{
    const bool gains = gainsKey(index, spec) && !making.asItWas;
    QString text = QStringLiteral("CREATE %1INDEX %2%3 ON %4%5 %6")
                       .arg(index.isUnique ? QStringLiteral("UNIQUE ") : QString(),
                            making.concurrently ? QStringLiteral("CONCURRENTLY ") : QString(),
                            quoteIdentifier(making.name), making.isParent ? QStringLiteral("ONLY ") : QString(),
                            making.target, gains ? ddl::withKeyColumn(index.body, spec.keyColumn) : index.body);
    if (!index.tablespace.isEmpty())
        text += QStringLiteral(" TABLESPACE ") + quoteIdentifier(index.tablespace);
    if (!index.predicate.isEmpty())
        text += QStringLiteral(" WHERE ") + index.predicate;
    return text;
}

QString sequenceOptions(const OwnedSequence &sequence)
{
    return QStringLiteral("INCREMENT BY %1 MINVALUE %2 MAXVALUE %3 START WITH %4 CACHE %5 %6CYCLE")
        .arg(QString::number(sequence.increment), QString::number(sequence.minimum), QString::number(sequence.maximum),
             QString::number(sequence.start), QString::number(sequence.cache),
             sequence.cycle ? QString() : QStringLiteral("NO "));
}

QString boundCondition(const TableColumn &key, const ShadowPartition &partition)
{
    const QString column = quoteIdentifier(key.name);
    QStringList conditions{column + QStringLiteral(" IS NOT NULL")};
    if (!partition.from.isEmpty())
        conditions << QStringLiteral("%1 >= %2::%3").arg(column, quoteLiteral(partition.from), key.type);
    if (!partition.to.isEmpty())
        conditions << QStringLiteral("%1 < %2::%3").arg(column, quoteLiteral(partition.to), key.type);
    return conditions.join(QStringLiteral(" AND "));
}

} // namespace tidemark::stage
