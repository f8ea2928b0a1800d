// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

namespace tidemark {
class Clock;
class HistoryStore;
} // namespace tidemark

namespace tidemark::ui {

class AsyncRunner;
class DetailReader;
class Dialogs;

/// What the composition root hands to every page. All outlive the pages.
struct PageContext
{
    const Clock *clock = nullptr;
    Dialogs *dialogs = nullptr;
    AsyncRunner *runner = nullptr;          ///< for all that may wait, the local store too
    std::shared_ptr<HistoryStore> history;  ///< null where there is no local store
    DetailReader *details = nullptr;        ///< null where nothing may be asked beyond the watching
};

} // namespace tidemark::ui
