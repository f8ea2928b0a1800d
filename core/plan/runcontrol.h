// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plan/runsettings.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>

namespace tidemark {

/// What a driver has been asked to do, the more urgent later.
enum class Asked {
    Nothing,
    Pause,  ///< at the next boundary
    Undo,   ///< at the next boundary, then backwards
    Cancel, ///< now; the statement under way is cancelled
    Detach, ///< now; the run is left to be resumed, here or elsewhere
    Lost,   ///< the connection that holds the advisory lock broke: nothing may be done any more
};

/// Between the thread that listens for a run and those that work on it. All calls may be made from any thread.
class RunControl
{
public:
    explicit RunControl(RunSettings settings);

    void ask(Asked what);
    [[nodiscard]] Asked asked() const;
    /// The most urgent that a person asked for, whatever broke since; and their word, while no step has taken it. Who attaches
    /// anew after a broken connection hands both on.
    [[nodiscard]] Asked wish() const;
    [[nodiscard]] std::optional<int> word() const;
    /// Set by what must end the statement under way.
    [[nodiscard]] std::stop_token stop() const { return m_stop.get_token(); }

    /// The governor's word; no reasons free the way.
    void holdBack(const QStringList &reasons);

    /// Between two pieces of work: waits while the governor holds back, and fails with Cancelled once something was asked.
    [[nodiscard]] Status checkpoint();

    /// The word is for the step that waited when it was given: said twice it does not let the next one go on. 0 is for whichever
    /// waits.
    void proceed(int step = 0);
    /// Waits for proceed() or for something asked, at most that long; true once this step was told to proceed, which it forgets
    /// by that, as it forgets a word for another.
    [[nodiscard]] bool waitForWord(Millis atMost, int step = 0);

    [[nodiscard]] RunSettings settings() const;
    void setSettings(const RunSettings &settings);

private:
    mutable std::mutex m_mutex;
    std::condition_variable m_changed;
    std::stop_source m_stop;
    Asked m_asked = Asked::Nothing;
    Asked m_wish = Asked::Nothing;
    bool m_heldBack = false;
    std::optional<int> m_proceed;
    RunSettings m_settings;
};

} // namespace tidemark
