// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/command.h"

namespace tidemark::cli {

[[nodiscard]] Verb demoVerb();
[[nodiscard]] Verb statusVerb();
[[nodiscard]] Verb freshnessVerb();
[[nodiscard]] Verb partitionsVerb();
[[nodiscard]] Verb refreshesVerb();
[[nodiscard]] Verb locksVerb();
[[nodiscard]] Verb jobsVerb();
[[nodiscard]] Verb watchVerb();
[[nodiscard]] Verb toolkitVerb();
[[nodiscard]] Verb managedVerb();
[[nodiscard]] Verb planVerb();
[[nodiscard]] Verb adviceVerb();
[[nodiscard]] Verb refreshVerb();
[[nodiscard]] Verb runVerb();
[[nodiscard]] Verb runsVerb();
[[nodiscard]] Verb showVerb();
[[nodiscard]] Verb pauseVerb();
[[nodiscard]] Verb cancelVerb();
[[nodiscard]] Verb proceedVerb();
[[nodiscard]] Verb retuneVerb();
[[nodiscard]] Verb rehearseVerb();
[[nodiscard]] Verb reportVerb();
[[nodiscard]] Verb resumeVerb();
[[nodiscard]] Verb undoVerb();
[[nodiscard]] Verb scheduleVerb();
[[nodiscard]] Verb agentVerb();

} // namespace tidemark::cli
