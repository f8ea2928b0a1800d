// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/catalog/refreshable.h"

namespace tidemark {

/// The numbers that enumerations have in the local store. They are those of the declarations, and these lines keep it so:
/// whoever moves an enumerator must give the store an upgrade step.
template<typename Enum>
[[nodiscard]] constexpr int storeCode(Enum value)
{
    return static_cast<int>(value);
}

static_assert(storeCode(RefreshableKind::MaterializedView) == 0 && storeCode(RefreshableKind::ContinuousAggregate) == 1
              && storeCode(RefreshableKind::RollupTable) == 2 && storeCode(RefreshableKind::ManagedTable) == 3
              && storeCode(RefreshableKind::PgIvmTable) == 4);
static_assert(storeCode(Confidence::Exact) == 0 && storeCode(Confidence::Commit) == 1
              && storeCode(Confidence::Bracketed) == 2 && storeCode(Confidence::AtLeast) == 3
              && storeCode(Confidence::Unknown) == 4);
static_assert(storeCode(RefreshSource::OwnRun) == 0 && storeCode(RefreshSource::EventTrigger) == 1
              && storeCode(RefreshSource::CommitTimestamp) == 2 && storeCode(RefreshSource::JobHistory) == 3
              && storeCode(RefreshSource::Sampling) == 4 && storeCode(RefreshSource::XidClock) == 5
              && storeCode(RefreshSource::None) == 7);

} // namespace tidemark
