// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plan/run.h"

namespace tidemark {

/// The stable JSON of runs, as --json and the report have it: snake_case keys, ISO 8601 UTC; what is not known is null.
[[nodiscard]] QJsonObject toJson(const RunRecord &run);
[[nodiscard]] QJsonObject toJson(const StepRecord &step);
[[nodiscard]] QJsonObject toJson(const RunEvent &event);
/// "run", "plan", "settings", "steps" and "events".
[[nodiscard]] QJsonObject toJson(const RunDetail &run);

} // namespace tidemark
