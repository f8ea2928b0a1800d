// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QPointer>
#include <QThreadPool>

#include <functional>
#include <memory>
#include <stop_token>
#include <vector>

namespace tidemark::ui {

/// Work that may be superseded: asking again makes the answer before it stale, and so does destroying this.
class LatestOnly
{
public:
    LatestOnly() = default;
    ~LatestOnly() { m_source.request_stop(); }
    LatestOnly(const LatestOnly &) = delete;
    LatestOnly &operator=(const LatestOnly &) = delete;

    void cancel() { m_source.request_stop(); }

private:
    friend class AsyncRunner;
    std::stop_source renew()
    {
        m_source.request_stop();
        m_source = std::stop_source();
        return m_source;
    }
    std::stop_source m_source;
};

/// Runs what may wait (a server, the local store) on worker threads and brings the answer back to the GUI thread, where
/// it is dropped when its receiver is gone or it was superseded. Lives on the GUI thread; outlives all who use it. The
/// destructor asks what runs to stop and waits for it.
class AsyncRunner : public QObject
{
    Q_OBJECT

public:
    explicit AsyncRunner(QObject *parent = nullptr);
    ~AsyncRunner() override;

    /// `job` gets a std::stop_token and runs elsewhere; `done` gets its answer, on this thread.
    template<typename Job, typename Done>
    void run(QObject *receiver, LatestOnly &latest, Job job, Done done)
    {
        const std::stop_source source = latest.renew();
        QPointer<QObject> alive(receiver);
        start(source, [job = std::move(job), done = std::move(done), source, alive]() mutable -> std::function<void()> {
            // shared, because std::function copies and an answer may be heavy
            auto answer = std::make_shared<decltype(job(source.get_token()))>(job(source.get_token()));
            return [answer, done = std::move(done), source, alive]() mutable {
                if (alive && !source.stop_requested())
                    done(std::move(*answer));
            };
        });
    }

    /// The same for a job that goes on until it is asked to stop: `job` gets the token and a function to tell values by,
    /// each of which reaches `each` on this thread. Until then it keeps a thread to itself: for what is watched, one or two.
    template<typename Value, typename Job, typename Each>
    void follow(QObject *receiver, LatestOnly &latest, Job job, Each each)
    {
        const std::stop_source source = latest.renew();
        QPointer<QObject> alive(receiver);
        start(source,
              [this, job = std::move(job), each = std::move(each), source, alive]() mutable -> std::function<void()> {
                  job(source.get_token(), [this, each, source, alive](Value value) {
                      post([each, source, alive, value = std::make_shared<Value>(std::move(value))]() {
                          if (alive && !source.stop_requested())
                              each(*value);
                      });
                  });
                  return []() {};
              });
    }

private:
    using Delivery = std::function<void()>;
    void post(Delivery delivery);
    void start(const std::stop_source &source, std::function<Delivery()> work);

    QThreadPool m_pool;
    std::vector<std::stop_source> m_sources;
};

} // namespace tidemark::ui
