// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/catalog/partition.h"

#include <QStringView>

#include <vector>

namespace tidemark {

/// What a partition key of this pg_type.typname counts. Types that do not stand on an axis are Text.
[[nodiscard]] BoundUnit boundUnitOf(const QString &typeName);

/// A value of a key column, without its quotes. An infinite time or number becomes MinValue or MaxValue. Pure.
[[nodiscard]] Bound boundOfValue(const QString &value, BoundUnit unit);

/// Reads pg_get_expr(relpartbound): FOR VALUES FROM (…) TO (…), IN (…), WITH (modulus …), DEFAULT. `unit` is that of
/// the first key column, `others` those of the columns after it. What cannot be read leaves them at Kind::None; boundText always holds the whole. Pure.
void parseBound(const QString &text, BoundUnit unit, Partition &partition, const std::vector<BoundUnit> &others = {});

/// A place on the axis as PostgreSQL would print it: timestamptz in UTC, or a number. Pure.
[[nodiscard]] QString axisText(qint64 axis, BoundUnit unit);

/// A simple range on one column, as the CHECK constraint of an inheritance partition states it.
struct CheckRange
{
    QString column;
    BoundUnit unit = BoundUnit::Text;
    Bound from; ///< inclusive; MinValue when the constraint has no lower end
    Bound to;   ///< exclusive; MaxValue when it has no upper end
    friend bool operator==(const CheckRange &, const CheckRange &) = default;
};

/// Reads pg_get_expr(conbin) of a CHECK constraint made of comparisons of one column with constants, joined by AND.
/// Inclusive upper ends become exclusive ones by the type's own step. Anything else is nothing: it is not guessed. Pure.
[[nodiscard]] std::optional<CheckRange> parseCheck(const QString &expression);

/// The parts of an expression list, split at commas outside quotes and parentheses, trimmed. Pure.
[[nodiscard]] QStringList splitExpressions(QStringView list);

/// How wide a range is, in PostgreSQL's interval words where it is one of the usual widths ("1 month", "7 days", "1 hour",
/// "1000000" for integers). Months are told also where a time zone moves the ends. Empty when it has no two ends. Pure.
[[nodiscard]] QString widthText(const Bound &from, const Bound &to, BoundUnit unit);

} // namespace tidemark
