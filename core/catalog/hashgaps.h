// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <optional>
#include <vector>

namespace tidemark {

/// The rows of a hash partition: those whose hash leaves this remainder.
struct HashClass
{
    qint64 modulus = 1;
    qint64 remainder = 0;
    friend bool operator==(const HashClass &, const HashClass &) = default;
};

/// Remainders of one modulus without a partition: `remainder`, and `count` - 1 more at distances of `step`.
struct HashGap
{
    qint64 modulus = 1;
    qint64 remainder = 0;
    qint64 count = 1;
    qint64 step = 1;
    friend bool operator==(const HashGap &, const HashGap &) = default;
};

/// Reads "FOR VALUES WITH (modulus 4, remainder 3)". Nothing where it is another bound. Pure.
[[nodiscard]] std::optional<HashClass> hashClassOf(const QString &boundText);

/// What no partition covers, exactly, in the coarsest classes that the moduli allow. They may differ, but each divides the
/// next larger one: PostgreSQL demands it. Sorted by modulus, then remainder; never more rows than a few a partition, however large
/// the moduli are. Without any partition everything is missing. Pure.
[[nodiscard]] std::vector<HashGap> missingRemainders(const std::vector<HashClass> &partitions);

/// "modulus 4, remainder 3" or "modulus 1000, remainders 2, 4 … 998 (499)".
[[nodiscard]] QString hashGapText(const HashGap &gap);

} // namespace tidemark
