// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/demo/democluster.h"
#include "core/store/historystore.h"

namespace tidemark::demo {

/// Freshness targets for the views of the demo, so that some are met, some are missed now and then while the live load is
/// late, and what nobody refreshes is missed for good. A database that has any target already is left alone: it is the
/// user's. Blocks for as long as connecting takes; never on the GUI thread.
[[nodiscard]] Status setDemoTargets(const DemoCluster &cluster, HistoryStore &history);

} // namespace tidemark::demo
