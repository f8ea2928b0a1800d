// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/hashgaps.h"

#include <QRegularExpression>

#include <algorithm>
#include <map>
#include <tuple>

namespace tidemark {

namespace {

// Longer stretches of neighbours are told as one.
constexpr qint64 toldOneByOne = 16;

/// `missing` classes of `modulus` from the one at place `first` on, inside the class `outer`.
void addRun(const HashClass &outer, qint64 modulus, qint64 first, qint64 missing, std::vector<HashGap> &gaps)
{
    const qint64 remainder = outer.remainder + first * outer.modulus;
    if (missing > toldOneByOne) {
        gaps.push_back({modulus, remainder, missing, outer.modulus});
        return;
    }
    for (qint64 i = 0; i < missing; ++i)
        gaps.push_back({modulus, remainder + i * outer.modulus, 1, 1});
}

/// The partitions all lie inside the class.
void findMissing(const HashClass &outer, const std::vector<HashClass> &partitions, std::vector<HashGap> &gaps)
{
    if (partitions.empty()) {
        gaps.push_back({outer.modulus, outer.remainder, 1, 1});
        return;
    }
    const qint64 modulus =
        std::min_element(partitions.begin(), partitions.end(), [](const HashClass &left, const HashClass &right) {
            return left.modulus < right.modulus;
        })->modulus;
    if (modulus <= outer.modulus)
        return;                                       // one of them is the whole class
    std::map<qint64, std::vector<HashClass>> byPlace; // of the next finer classes inside this one
    for (const HashClass &partition : partitions)
        byPlace[(partition.remainder % modulus - outer.remainder) / outer.modulus].push_back(partition);
    qint64 next = 0;
    for (const auto &[place, inside] : byPlace) {
        addRun(outer, modulus, next, place - next, gaps);
        findMissing({modulus, outer.remainder + place * outer.modulus}, inside, gaps);
        next = place + 1;
    }
    addRun(outer, modulus, next, modulus / outer.modulus - next, gaps);
}

} // namespace

std::optional<HashClass> hashClassOf(const QString &boundText)
{
    static const QRegularExpression form(QStringLiteral("^FOR VALUES WITH \\(modulus (\\d+), remainder (\\d+)\\)$"));
    const auto match = form.match(boundText);
    if (!match.hasMatch())
        return std::nullopt;
    const HashClass found{match.captured(1).toLongLong(), match.captured(2).toLongLong()};
    return found.modulus > 0 && found.remainder < found.modulus ? std::optional(found) : std::nullopt;
}

std::vector<HashGap> missingRemainders(const std::vector<HashClass> &partitions)
{
    std::vector<HashGap> gaps;
    findMissing({}, partitions, gaps);
    std::sort(gaps.begin(), gaps.end(), [](const HashGap &left, const HashGap &right) {
        return std::tie(left.modulus, left.remainder) < std::tie(right.modulus, right.remainder);
    });
    return gaps;
}

QString hashGapText(const HashGap &gap)
{
    if (gap.count == 1)
        return QStringLiteral("modulus %1, remainder %2").arg(gap.modulus).arg(gap.remainder);
    return QStringLiteral("modulus %1, remainders %2, %3 … %4 (%5)")
        .arg(gap.modulus)
        .arg(gap.remainder)
        .arg(gap.remainder + gap.step)
        .arg(gap.remainder + (gap.count - 1) * gap.step)
        .arg(gap.count);
}

} // namespace tidemark
