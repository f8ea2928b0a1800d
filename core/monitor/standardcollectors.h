// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/monitor/serverwatch.h"
#include "core/store/historystore.h"

namespace tidemark {

/// What all faces watch with: every collector of a database, in the order in which they publish. Without a history they
/// judge by what they see themselves.
[[nodiscard]] CollectorFactory standardCollectors(std::shared_ptr<HistoryStore> history);

} // namespace tidemark
