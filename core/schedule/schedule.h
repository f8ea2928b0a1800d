// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/instant.h"
#include "core/base/result.h"
#include "core/refresh/refreshspec.h"

#include <QJsonObject>
#include <QStringList>
#include <QTime>

#include <optional>
#include <vector>

namespace tidemark::schedule {

/// What becomes of a run that is due while the one before it still goes on.
enum class Overlap {
    Skip, ///< it is written down as skipped
    Wait, ///< it begins when the other has ended; of several only the latest
};

/// What becomes of due times that passed while no agent was there.
enum class CatchUp {
    None, ///< they are written down as missed
    Once, ///< one run makes up for all of them
};

/// Hours of the day in which runs may begin; `to` is outside, and before `from` it lies on the next day.
struct DayHours
{
    QTime from;
    QTime to;
    friend bool operator==(const DayHours &, const DayHours &) = default;
};

/// When something is due: by a cron expression, or every so often.
struct Timing
{
    QString cron{};
    std::optional<Millis> every{};
    bool onChange = false; ///< only where its sources changed; `every` is then the least distance
    std::optional<DayHours> hours{};
    QString timeZone = QStringLiteral("UTC"); ///< of cron and hours: a name of the IANA list
    Millis jitter{0}; ///< each run begins up to so much later, so that many do not begin at once
    friend bool operator==(const Timing &, const Timing &) = default;
};

/// What is brought up to date and when. It lives in the toolkit of the database (schedules.up.sql). A value.
struct Schedule
{
    qint64 id = 0; ///< 0 until it is stored
    QString name;
    refresh::RefreshSpec refresh; ///< without names: every refreshable of the database
    Timing timing;
    int priority = 0; ///< of several that are due the highest begins first
    Overlap overlap = Overlap::Skip;
    CatchUp catchUp = CatchUp::Once;
    bool enabled = true;
    Instant since; ///< when it was made, changed or switched on: nothing from before is due
    QString createdBy;
    QString mark; ///< what its sources counted when it was last refreshed
    friend bool operator==(const Schedule &, const Schedule &) = default;

    [[nodiscard]] QJsonObject toJson() const;
    /// For people: "*/2 6-22 * * * (Europe/Oslo)", "every 15 min, 22:00 to 06:00 (UTC), where the sources changed".
    [[nodiscard]] QString timingText() const;
    /// "public.sales, public.stock and what depends on them".
    [[nodiscard]] QString relationsText() const;
};

/// Whether it can ever run. Errors: Input, naming the field and what it may be.
[[nodiscard]] Status validate(const Schedule &schedule);

/// Reads "06:00-22:00". Error: Input.
[[nodiscard]] Result<DayHours> parseHours(const QString &text);

[[nodiscard]] QString toWord(Overlap overlap); ///< the words of the toolkit's tables, of JSON and of options
[[nodiscard]] QString toWord(CatchUp catchUp);
[[nodiscard]] Result<Overlap> overlapOf(const QString &word);
[[nodiscard]] Result<CatchUp> catchUpOf(const QString &word);

/// A timing by the kind of environment, as a beginning.
struct Preset
{
    QString name;
    QString what; ///< for people
    Timing timing;
};

/// Development, production hours, off-hours: two schedules make a day of a production server.
[[nodiscard]] const std::vector<Preset> &presets();

} // namespace tidemark::schedule
