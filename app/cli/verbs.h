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

} // namespace tidemark::cli
