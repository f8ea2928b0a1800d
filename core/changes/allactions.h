// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plan/action.h"

namespace tidemark {

/// The actions of every kind of plan: what a driver needs that may be told to go on with any run.
[[nodiscard]] Actions allActions();

} // namespace tidemark
