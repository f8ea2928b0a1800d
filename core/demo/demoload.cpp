// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/demo/demoload.h"

#include "core/base/log.h"
#include "core/base/pause.h"
#include "core/demo/filelock.h"
#include "core/demo/lockscene.h"

#include <QMap>

#include <algorithm>
#include <optional>
#include <random>
#include <thread>

#include <csignal>
#include <ctime>
#include <pthread.h>

namespace tidemark::demo {

namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

constexpr Millis silenceMeansGone = 20s;
constexpr int restPerWork = 40;

qint64 steadyMs()
{
    return std::chrono::duration_cast<Millis>(SteadyClock::now().time_since_epoch()).count();
}

pg::SessionOptions applicationOptions(const QString &application)
{
    pg::SessionOptions options;
    options.applicationName = application;
    options.readOnly = false;
    options.lockTimeout = 45s; // longer than any scene: an application waits it out, as real ones do
    options.statementTimeout = 5min;
    options.idleInTransactionTimeout = 60s;
    return options;
}

/// A task and when it is due.
struct Due
{
    const LoadTask *task;
    SteadyClock::time_point at;
    // Of the quickest run: a run that waited for a lock says nothing about what the task costs.
    SteadyClock::duration cost = SteadyClock::duration::max();
    std::optional<SteadyClock::time_point> lastReported = std::nullopt;
};

} // namespace

DemoLoad::DemoLoad(std::vector<LoadTarget> targets, LoadOptions options)
    : m_targets(std::move(targets))
    , m_options(std::move(options))
{
}

void DemoLoad::runApplication(const LoadTarget &target, const std::vector<LoadTask> &tasks, std::stop_token stop)
{
    std::mt19937 random(qHash(target.database + tasks.front().application));
    // The second server is the development copy: the same applications, hardly used.
    const double pace = m_options.pace * (target.server == Server::Main ? 1.0 : 0.25);
    const auto wait = [&](Millis length) {
        return std::chrono::duration_cast<SteadyClock::duration>(
            length * std::uniform_real_distribution(0.8, 1.2)(random) / pace);
    };
    std::vector<Due> dues;
    for (const LoadTask &task : tasks)
        dues.push_back({.task = &task, .at = SteadyClock::now() + wait(std::min(task.every, Millis(5s)))});

    std::optional<pg::Session> session;
    while (!stop.stop_requested()) {
        const auto due = std::min_element(dues.begin(), dues.end(),
                                          [](const Due &a, const Due &b) { return a.at < b.at; });
        if (!pauseFor(std::chrono::ceil<Millis>(std::max<SteadyClock::duration>(due->at - SteadyClock::now(), 0ms)),
                      stop))
            return;
        if (!session || !session->isAlive()) {
            auto opened = pg::Session::open(target.connInfo, applicationOptions(tasks.front().application), stop);
            if (!opened) {
                pauseFor(2s, stop);
                continue;
            }
            session.emplace(std::move(*opened));
        }
        const LoadTask &task = *due->task;
        const auto began = SteadyClock::now();
        const auto done = session->execScript(task.sql, {6min, stop});
        due->cost = std::min(due->cost, SteadyClock::now() - began);
        ++m_statements;
        if (done || !done.error().sqlState.isEmpty())
            m_lastAnswerMs = steadyMs();
        if (!done && !task.mayFail && !stop.stop_requested()) {
            ++m_failures;
            if (!due->lastReported || began - *due->lastReported > 10min) {
                due->lastReported = began;
                qCWarning(logDemo).noquote() << target.database << task.name << done.error().summary();
            }
        }
        due->at = SteadyClock::now() + std::max(wait(task.every), due->cost * restPerWork);
    }
}

void DemoLoad::runScenes(std::stop_token stop)
{
    std::mt19937 random(7);
    const auto between = [&](int fromSeconds, int toSeconds) {
        return Millis(std::uniform_int_distribution(fromSeconds * 1000, toSeconds * 1000)(random));
    };
    const auto scenes = lockScenes();
    pauseFor(10s, stop); // after the first run of every task, which tells what it costs
    for (std::size_t i = 0; !stop.stop_requested(); ++i) {
        const LockScene &scene = scenes[i % scenes.size()];
        const auto target = std::find_if(m_targets.begin(), m_targets.end(), [&](const LoadTarget &each) {
            return each.server == Server::Main && each.database == scene.database;
        });
        if (target != m_targets.end()) {
            const Status played = playScene(scene, target->connInfo, between(8, 35), stop);
            if (!played && !stop.stop_requested())
                qCWarning(logDemo).noquote() << played.error().summary();
            ++m_scenes;
        }
        pauseFor(between(5, 25), stop);
    }
}

void DemoLoad::sweep()
{
    for (const LoadTarget &target : m_targets) {
        if (const Status swept = sweepPreparedTransactions(target.connInfo, {}); !swept)
            qCDebug(logDemo).noquote() << swept.error().summary();
    }
}

Status DemoLoad::run(std::stop_token stop)
{
    m_lastAnswerMs = steadyMs();
    const auto end = SteadyClock::now() + m_options.duration;
    if (m_options.withScenes)
        sweep();

    std::vector<std::vector<LoadTask>> groups; // keeps the tasks alive for the threads
    std::vector<const LoadTarget *> groupTargets;
    for (const LoadTarget &target : m_targets) {
        QMap<QString, std::vector<LoadTask>> byApplication;
        for (LoadTask &task : loadTasks(target.database))
            byApplication[task.application].push_back(std::move(task));
        for (auto &tasks : byApplication) {
            groups.push_back(std::move(tasks));
            groupTargets.push_back(&target);
        }
    }

    Status outcome;
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < groups.size(); ++i)
            threads.emplace_back([this, &group = groups[i], target = groupTargets[i]](std::stop_token own) {
                runApplication(*target, group, own);
            });
        if (m_options.withScenes)
            threads.emplace_back([this](std::stop_token own) { runScenes(own); });

        while (pauseFor(1s, stop) && SteadyClock::now() < end) {
            if (m_options.shallGoOn && !m_options.shallGoOn())
                break;
            if (steadyMs() - m_lastAnswerMs > silenceMeansGone.count()) {
                Error gone;
                gone.kind = ErrorKind::Connection;
                gone.message = QStringLiteral("the demo's servers have not answered for 20 s");
                outcome = fail(gone);
                break;
            }
        }
        for (std::jthread &thread : threads)
            thread.request_stop();
    }
    if (m_options.withScenes && outcome)
        sweep();
    return outcome;
}

Status runLoadProcess(const DemoCluster &cluster, LoadOptions options)
{
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP})
        sigaddset(&signals, signal);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);

    TIDEMARK_TRY(const std::vector<LoadTarget> targets, cluster.loadTargets());
    TIDEMARK_TRY(const auto lock, FileLock::tryTakeFile(cluster.load().lock()));
    if (!lock)
        return {};
    std::stop_source source;
    std::jthread listener([&](std::stop_token stop) {
        const timespec patience{0, 300'000'000};
        while (!stop.stop_requested()) {
            if (sigtimedwait(&signals, nullptr, &patience) > 0)
                source.request_stop();
        }
    });
    if (!options.shallGoOn)
        options.shallGoOn = [&cluster] { return cluster.isThere(); };
    DemoLoad load(targets, std::move(options));
    return load.run(source.get_token());
}

} // namespace tidemark::demo
