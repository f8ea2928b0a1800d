// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stage/stageresult.h"

namespace tidemark::stage {

namespace {

std::optional<Millis> took(const StepRecord &record)
{
    if (!record.startedAt || !record.finishedAt)
        return std::nullopt;
    return millisBetween(*record.startedAt, *record.finishedAt);
}

std::optional<qint64> number(const QJsonObject &outcome, const char *key)
{
    const QJsonValue value = outcome.value(QLatin1String(key));
    return value.isDouble() ? std::optional(value.toInteger()) : std::nullopt;
}

std::optional<Millis> millis(const QJsonObject &outcome, const char *key)
{
    const auto value = number(outcome, key);
    return value ? std::optional(Millis(*value)) : std::nullopt;
}

void absorb(StageResult &result, const Step &step, const StepRecord &record)
{
    const QJsonObject &outcome = record.outcome;
    if (step.action == QLatin1String("stage.copy")) {
        result.copiedRows = record.rowsDone;
        result.copyTook = took(record);
    } else if (step.action == QLatin1String("stage.verify")) {
        result.provenRows = record.rowsDone;
        result.checksum = outcome.value(QLatin1String("checksum")).toString();
        result.proofRounds = number(outcome, "rounds");
        result.proofTook = millis(outcome, "scan_ms");
    } else if (step.action == QLatin1String("stage.swap")) {
        result.swappedAt = record.finishedAt;
        result.locksHeld = millis(outcome, "held_ms");
        result.queuedBefore = millis(outcome, "queued_ms");
        result.drained = number(outcome, "drained");
    } else if (step.action == QLatin1String("stage.fidelity")) {
        result.fidelityProven = result.fidelityProven || result.swappedAt.has_value();
    } else if (step.action == QLatin1String("stage.retire")) {
        result.isRetired = true;
    }
}

} // namespace

std::optional<Millis> StageResult::longestStall() const
{
    if (!locksHeld)
        return std::nullopt;
    return *locksHeld + queuedBefore.value_or(Millis(0));
}

bool StageResult::canSwapBack(const RunRecord &run) const
{
    return swappedAt && !isRetired && run.state != RunState::Undone;
}

StageResult stageResultOf(const RunLook &look)
{
    StageResult result;
    if (!look.plan)
        return result;
    for (const StepRecord &record : look.steps) {
        const auto index = static_cast<size_t>(record.ordinal) - 1;
        if (record.state == StepState::Done && index < look.plan->steps.size())
            absorb(result, look.plan->steps[index], record);
    }
    return result;
}

} // namespace tidemark::stage
