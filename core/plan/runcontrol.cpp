// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/runcontrol.h"

#include <utility>

namespace tidemark {

RunControl::RunControl(RunSettings settings)
    : m_settings(std::move(settings))
{
}

void RunControl::ask(Asked what)
{
    {
        const std::lock_guard lock(m_mutex);
        m_asked = std::max(m_asked, what);
        if (what <= Asked::Cancel)
            m_wish = std::max(m_wish, what);
    }
    if (what >= Asked::Cancel)
        m_stop.request_stop();
    m_changed.notify_all();
}

Asked RunControl::asked() const
{
    const std::lock_guard lock(m_mutex);
    return m_asked;
}

Asked RunControl::wish() const
{
    const std::lock_guard lock(m_mutex);
    return m_wish;
}

std::optional<int> RunControl::word() const
{
    const std::lock_guard lock(m_mutex);
    return m_proceed;
}

void RunControl::holdBack(const QStringList &reasons)
{
    {
        const std::lock_guard lock(m_mutex);
        m_heldBack = !reasons.isEmpty();
    }
    m_changed.notify_all();
}

Status RunControl::checkpoint()
{
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, [&] { return !m_heldBack || m_asked != Asked::Nothing; });
    if (m_asked != Asked::Nothing)
        return fail(Error::cancelled());
    return {};
}

void RunControl::proceed(int step)
{
    {
        const std::lock_guard lock(m_mutex);
        m_proceed = step;
    }
    m_changed.notify_all();
}

bool RunControl::waitForWord(Millis atMost, int step)
{
    std::unique_lock lock(m_mutex);
    m_changed.wait_for(lock, atMost, [&] { return m_proceed || m_asked != Asked::Nothing; });
    const std::optional<int> word = std::exchange(m_proceed, std::nullopt);
    return word && (*word == 0 || step == 0 || *word == step);
}

RunSettings RunControl::settings() const
{
    const std::lock_guard lock(m_mutex);
    return m_settings;
}

void RunControl::setSettings(const RunSettings &settings)
{
    const std::lock_guard lock(m_mutex);
    m_settings = settings;
}

} // namespace tidemark
