// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plan/runner.h"
#include "tests/support/testdatabase.h"

#include <future>

namespace tidemark::test {

/// Drives a run on a thread, and again when it was cut off; a test that fails meanwhile detaches it.
class Driving
{
public:
    Driving(const TestDatabase &database, qint64 run, bool undo = false);
    ~Driving();
    [[nodiscard]] Result<RunResult> get() { return m_result.get(); }
    [[nodiscard]] bool hasEnded() const;

private:
    std::stop_source m_detach;
    std::future<Result<RunResult>> m_result;
};

/// A staged migration as a run in a test's database: made, asked, looked at.
class StageRun
{
public:
    explicit StageRun(const TestDatabase &database);

    /// Plans it by a StageSpec in JSON and writes it down as a run. What stands in the way ends the test.
    void create(const QJsonObject &spec, const QJsonObject &settings = {});
    [[nodiscard]] qint64 id() const { return m_id; }

    [[nodiscard]] bool waitsAt(const QString &step);
    [[nodiscard]] bool runs(const QString &step);
    /// A driver whose connection was just cut is not there for a moment: asked again.
    [[nodiscard]] Status ask(const QString &verb);
    /// The end of its journal, for the message of a failed test.
    [[nodiscard]] QString whatHappened();
    /// What it left in the database beside its own memory; with `isUndone` the new table's parts too.
    [[nodiscard]] QString leftOver(bool isUndone);

    [[nodiscard]] pg::Session &session();

private:
    [[nodiscard]] bool isIn(const QString &step, const QString &state);

    const TestDatabase &m_database;
    std::optional<pg::Session> m_session;
    qint64 m_id = 0;
};

} // namespace tidemark::test
