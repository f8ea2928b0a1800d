// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/refreshdriver.h"

namespace tidemark::ui {

RefreshDriver::RefreshDriver(std::shared_ptr<HistoryStore> history, const Clock &clock, QObject *parent)
    : QObject(parent)
    , m_history(std::move(history))
    , m_clock(clock)
{
}

RefreshDriver::~RefreshDriver()
{
    m_thread.request_stop();
}

void RefreshDriver::start(const ServerAccess &access, const refresh::RefreshPlan &plan, const Confirmation &answer)
{
    refresh::RefreshRunOptions options;
    options.server = connInfoOf(access, plan.target.database);
    options.profile = access.profile;
    options.applicationName = QStringLiteral("tidemark");
    options.history = m_history;
    m_run = std::make_shared<refresh::RefreshRun>(plan, options, m_clock);
    m_isRunning = true;
    m_thread = std::jthread([this, run = m_run, answer](const std::stop_token &stop) {
        const auto look = run->run(run->plan().asPlan().fingerprint(), answer, stop);
        // The destructor joins this thread first, so that there is somebody to post to.
        QMetaObject::invokeMethod(
            this,
            [this, error = look ? std::nullopt : std::optional(look.error())]() {
                m_isRunning = false;
                if (error)
                    m_run.reset();
                Q_EMIT ended(error);
            },
            Qt::QueuedConnection);
    });
}

void RefreshDriver::stop()
{
    m_thread.request_stop();
}

std::optional<refresh::RefreshLook> RefreshDriver::look() const
{
    return m_run ? std::optional(m_run->look()) : std::nullopt;
}

} // namespace tidemark::ui
