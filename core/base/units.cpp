// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/units.h"

#include <QRegularExpression>

#include <array>
#include <cmath>
#include <span>

namespace tidemark::units {

namespace {

constexpr qint64 secondMs = 1000;
constexpr qint64 minuteMs = 60 * secondMs;
constexpr qint64 hourMs = 60 * minuteMs;
constexpr qint64 dayMs = 24 * hourMs;
constexpr double longestMs = 1e15; // some 30,000 years; beyond, a double no longer counts milliseconds

QString scaled(qint64 value, double step, std::span<const char *const> suffixes, const QLocale &locale)
{
    double scaledValue = static_cast<double>(value);
    std::size_t magnitude = 0;
    // 1023.96 kB would be shown as 1024.0 kB: what is shown decides, one decimal where there is a magnitude.
    const auto shown = [&] { return magnitude == 0 ? scaledValue : std::round(scaledValue * 10) / 10; };
    while (std::abs(shown()) >= step && magnitude + 1 < suffixes.size()) {
        scaledValue /= step;
        ++magnitude;
    }
    const QString number = magnitude == 0 ? locale.toString(value) : locale.toString(scaledValue, 'f', 1);
    const QString suffix = QString::fromLatin1(suffixes[magnitude]);
    return suffix.isEmpty() ? number : number + QChar(0x00a0) + suffix;
}

QString twoUnits(qint64 big, const char *bigUnit, qint64 small, const char *smallUnit)
{
    QString text = QStringLiteral("%1 %2").arg(big).arg(QLatin1String(bigUnit));
    if (small != 0)
        text += QStringLiteral(" %1 %2").arg(small, 2, 10, QLatin1Char('0')).arg(QLatin1String(smallUnit));
    return text;
}

} // namespace

QString bytes(qint64 bytes, const QLocale &locale)
{
    static constexpr std::array<const char *, 6> suffixes{"bytes", "kB", "MB", "GB", "TB", "PB"};
    return scaled(bytes, 1024.0, suffixes, locale);
}

QString knownBytes(qint64 bytes, const QLocale &locale)
{
    return bytes < 0 ? QString(QChar(0x2013)) : units::bytes(bytes, locale);
}

QString duration(Millis duration)
{
    const qint64 ms = duration.count();
    if (ms < 0)
        return QStringLiteral("-") + units::duration(-duration);
    if (ms < secondMs)
        return QStringLiteral("%1 ms").arg(ms);
    if (ms < 10 * secondMs)
        return QStringLiteral("%1.%2 s").arg(ms / secondMs).arg(ms % secondMs / 100);
    if (ms < minuteMs)
        return QStringLiteral("%1 s").arg(ms / secondMs);
    if (ms < hourMs)
        return twoUnits(ms / minuteMs, "min", ms % minuteMs / secondMs, "s");
    if (ms < dayMs)
        return twoUnits(ms / hourMs, "h", ms % hourMs / minuteMs, "min");
    return twoUnits(ms / dayMs, "d", ms % dayMs / hourMs, "h");
}

QString age(Instant then, Instant now)
{
    const Millis passed = millisBetween(then, now);
    if (std::abs(passed.count()) < secondMs)
        return QStringLiteral("now");
    // An age moves while it is read: whole seconds, no fraction.
    const Millis whole(passed.count() / secondMs * secondMs);
    QString text = duration(whole < Millis(0) ? -whole : whole);
    text.replace(QLatin1String(".0 s"), QLatin1String(" s"));
    return passed < Millis(0) ? QStringLiteral("in %1").arg(text) : QStringLiteral("%1 ago").arg(text);
}

QString count(qint64 value, const QLocale &locale)
{
    return locale.toString(value);
}

QString roughCount(qint64 value, const QLocale &locale)
{
    static constexpr std::array<const char *, 5> suffixes{"", "k", "M", "G", "T"};
    return scaled(value, 1000.0, suffixes, locale);
}

std::optional<Millis> parseDuration(const QString &text)
{
    static const QRegularExpression part(QStringLiteral(R"(\s*(\d+(?:\.\d+)?)\s*(ms|sec|s|min|m|h|d)\s*)"));
    const QString trimmed = text.trimmed().toLower();
    if (trimmed.isEmpty())
        return std::nullopt;
    bool plain = false;
    double total = trimmed.toDouble(&plain) * secondMs;
    qsizetype at = plain ? trimmed.size() : 0;
    while (at < trimmed.size()) {
        const auto match = part.match(trimmed, at, QRegularExpression::NormalMatch,
                                      QRegularExpression::AnchorAtOffsetMatchOption);
        if (!match.hasMatch())
            return std::nullopt;
        const QString unit = match.captured(2);
        const qint64 factor = unit == QLatin1String("ms")                                  ? 1
                              : unit == QLatin1String("min") || unit == QLatin1String("m") ? minuteMs
                              : unit == QLatin1String("h")                                 ? hourMs
                              : unit == QLatin1String("d")                                 ? dayMs
                                                                                           : secondMs;
        total += match.captured(1).toDouble() * static_cast<double>(factor);
        at = match.capturedEnd();
    }
    if (!(total >= 0 && total <= longestMs))
        return std::nullopt;
    return Millis(std::llround(total));
}

} // namespace tidemark::units
