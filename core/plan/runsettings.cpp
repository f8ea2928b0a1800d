// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/runsettings.h"

#include <functional>

namespace tidemark {

namespace {

/// One setting: its key, and how it is written and read. Null stands for “not watched” or “not allowed”.
struct Field
{
    const char *key;
    std::function<QJsonValue(const RunSettings &)> write;
    std::function<bool(RunSettings &, const QJsonValue &)> read; ///< false where the value makes no sense
};

template<typename Member>
Field number(const char *key, Member member, qint64 least)
{
    return {key, [member](const RunSettings &settings) { return QJsonValue(qint64(member(settings))); },
            [member, least](RunSettings &settings, const QJsonValue &value) {
                if (!value.isDouble() || value.toInteger() < least)
                    return false;
                member(settings) = static_cast<std::remove_reference_t<decltype(member(settings))>>(value.toInteger());
                return true;
            }};
}

template<typename Member>
Field duration(const char *key, Member member)
{
    return {key, [member](const RunSettings &settings) { return QJsonValue(qint64(member(settings).count())); },
            [member](RunSettings &settings, const QJsonValue &value) {
                if (!value.isDouble() || value.toInteger() < 1)
                    return false;
                member(settings) = Millis(value.toInteger());
                return true;
            }};
}

template<typename Member>
Field yesOrNo(const char *key, Member member)
{
    return {key, [member](const RunSettings &settings) { return QJsonValue(member(settings)); },
            [member](RunSettings &settings, const QJsonValue &value) {
                if (!value.isBool())
                    return false;
                member(settings) = value.toBool();
                return true;
            }};
}

template<typename Member>
Field optionalDuration(const char *key, Member member)
{
    return {key,
            [member](const RunSettings &settings) {
                const auto &value = member(settings);
                return value ? QJsonValue(qint64(value->count())) : QJsonValue();
            },
            [member](RunSettings &settings, const QJsonValue &value) {
                if (value.isNull())
                    member(settings).reset();
                else if (value.isDouble() && value.toInteger() >= 0)
                    member(settings) = Millis(value.toInteger());
                else
                    return false;
                return true;
            }};
}

template<typename Member>
Field optionalNumber(const char *key, Member member)
{
    return {key,
            [member](const RunSettings &settings) {
                const auto &value = member(settings);
                return value ? QJsonValue(*value) : QJsonValue();
            },
            [member](RunSettings &settings, const QJsonValue &value) {
                if (value.isNull())
                    member(settings).reset();
                else if (value.isDouble() && value.toInteger() >= 0)
                    member(settings) = value.toInteger();
                else
                    return false;
                return true;
            }};
}

const std::vector<Field> &fields()
{
    static const std::vector<Field> all{
        number(
            "workers", [](auto &s) -> auto & { return s.workers; }, 1),
        number(
            "chunk_pages", [](auto &s) -> auto & { return s.chunkPages; }, 1),
        duration(
            "chunk_time_ms", [](auto &s) -> auto & { return s.chunkTime; }),
        duration(
            "stall_budget_ms", [](auto &s) -> auto & { return s.stallBudget; }),
        yesOrNo(
            "record_locks", [](auto &s) -> auto & { return s.recordLocks; }),
        duration(
            "lock_attempt_ms", [](auto &s) -> auto & { return s.patience.attempt; }),
        duration(
            "lock_pause_ms", [](auto &s) -> auto & { return s.patience.pause; }),
        duration(
            "lock_old_transaction_ms", [](auto &s) -> auto & { return s.patience.oldTransaction; }),
        duration(
            "lock_give_up_ms", [](auto &s) -> auto & { return s.patience.giveUp; }),
        optionalDuration(
            "cancel_blockers_after_ms", [](auto &s) -> auto & { return s.patience.cancelBlockersAfter; }),
        optionalDuration(
            "terminate_blockers_after_ms", [](auto &s) -> auto & { return s.patience.terminateBlockersAfter; }),
        optionalDuration(
            "max_replica_lag_ms", [](auto &s) -> auto & { return s.limits.replicaLag; }),
        optionalNumber(
            "max_slot_lag_bytes", [](auto &s) -> auto & { return s.limits.slotLagBytes; }),
        optionalNumber(
            "max_archive_lag_bytes", [](auto &s) -> auto & { return s.limits.archiveLagBytes; }),
        optionalNumber(
            "max_wal_bytes_per_second", [](auto &s) -> auto & { return s.limits.walBytesPerSecond; }),
        optionalNumber(
            "max_lock_waiters", [](auto &s) -> auto & { return s.limits.lockWaiters; }),
        optionalNumber(
            "max_active_sessions", [](auto &s) -> auto & { return s.limits.activeSessions; }),
    };
    return all;
}

} // namespace

QJsonObject RunSettings::toJson() const
{
    QJsonObject json;
    for (const Field &field : fields())
        json.insert(QLatin1String(field.key), field.write(*this));
    return json;
}

Result<RunSettings> RunSettings::fromJson(const QJsonObject &json, const RunSettings &base)
{
    RunSettings settings = base;
    for (auto entry = json.begin(); entry != json.end(); ++entry) {
        const auto field = std::find_if(fields().begin(), fields().end(),
                                        [&](const Field &known) { return entry.key() == QLatin1String(known.key); });
        if (field == fields().end()) {
            QStringList known;
            for (const Field &one : fields())
                known << QLatin1String(one.key);
            return fail(Error::input(QStringLiteral("a run has no setting “%1”").arg(entry.key()),
                                     QStringLiteral("It has: %1.").arg(known.join(QLatin1String(", ")))));
        }
        if (!field->read(settings, entry.value()))
            return fail(Error::input(QStringLiteral("the run's setting %1 cannot be what was given").arg(entry.key())));
    }
    return settings;
}

} // namespace tidemark
