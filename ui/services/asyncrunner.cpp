// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/asyncrunner.h"

#include <algorithm>

namespace tidemark::ui {

namespace {
constexpr int mostThreads = 8;
}

AsyncRunner::AsyncRunner(QObject *parent)
    : QObject(parent)
{
    m_pool.setMaxThreadCount(mostThreads);
}

AsyncRunner::~AsyncRunner()
{
    for (std::stop_source &source : m_sources)
        source.request_stop();
    m_pool.clear();
    m_pool.waitForDone();
}

void AsyncRunner::post(Delivery delivery)
{
    QMetaObject::invokeMethod(this, std::move(delivery), Qt::QueuedConnection);
}

void AsyncRunner::start(const std::stop_source &source, std::function<Delivery()> work)
{
    std::erase_if(m_sources, [](const std::stop_source &old) { return old.stop_requested(); });
    m_sources.push_back(source);
    m_pool.start([this, source, work = std::move(work)]() mutable {
        if (source.stop_requested())
            return;
        // The runner outlives its pool, so posting to it is safe where posting to the receiver would not be.
        QMetaObject::invokeMethod(
            this,
            [this, source, deliver = work()]() {
                std::erase(m_sources, source);
                deliver();
            },
            Qt::QueuedConnection);
    });
}

} // namespace tidemark::ui
