// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "ui/services/serveraccess.h"

#include <functional>
#include <memory>
#include <optional>

namespace tidemark {
class Clock;
class HistoryStore;
} // namespace tidemark

namespace tidemark::ui {

class AsyncRunner;
class DetailReader;
class Dialogs;
class RunDrivers;

/// What the composition root hands to every page. All outlive the pages.
struct PageContext
{
    const Clock *clock = nullptr;
    Dialogs *dialogs = nullptr;
    AsyncRunner *runner = nullptr;         ///< for all that may wait, the local store too
    std::shared_ptr<HistoryStore> history; ///< null where there is no local store
    std::optional<Error> storeError;       ///< why there is none
    std::function<std::optional<ServerAccess>(const QString &server)> accessTo; ///< nothing: not watched
    DetailReader *details = nullptr; ///< null where nothing may be asked beyond the watching
    RunDrivers *drivers = nullptr;   ///< null where nothing is driven from here
};

} // namespace tidemark::ui
