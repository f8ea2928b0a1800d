// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/changes/allactions.h"

#include "core/backfill/backfillspec.h"
#include "core/managed/materializespec.h"
#include "core/stage/stagespec.h"

namespace tidemark {

Actions allActions()
{
    Actions actions = basicActions();
    actions.insert(stage::stageActions());
    actions.insert(backfill::backfillActions());
    actions.insert(managed::managedActions());
    return actions;
}

} // namespace tidemark
