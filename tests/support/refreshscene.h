// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/refresh/refreshrun.h"
#include "tests/support/testdatabase.h"

#include <memory>

namespace tidemark::test {

/// A database of the test's own whose views are refreshed, with a history of its own.
class RefreshScene
{
public:
    explicit RefreshScene(std::unique_ptr<TestDatabase> database = std::make_unique<TestDatabase>());

    /// Of schema public, with the lock accepted.
    [[nodiscard]] static refresh::RefreshSpec of(std::initializer_list<const char *> names, bool cascade = false);
    [[nodiscard]] static pg::QualifiedName named(const char *name);

    /// Aborts where there is none.
    [[nodiscard]] refresh::RefreshPlan plan(const refresh::RefreshSpec &spec) const;
    /// Without a question asked; application name "refreshing". What it tells is in news().
    [[nodiscard]] std::unique_ptr<refresh::RefreshRun> runOf(const refresh::RefreshPlan &plan);
    /// Aborts where it cannot begin.
    [[nodiscard]] refresh::RefreshLook carryOut(const refresh::RefreshPlan &plan);
    [[nodiscard]] refresh::RefreshLook refresh(const refresh::RefreshSpec &spec) { return carryOut(plan(spec)); }

    /// "a succeeded, b skipped" in the order of the plan.
    [[nodiscard]] static QString told(const refresh::RefreshPlan &plan, const refresh::RefreshLook &look);
    /// What the history has of it, newest first.
    [[nodiscard]] std::vector<RefreshEvent> eventsOf(const char *view) const;
    /// No session of a refresh is there any more.
    [[nodiscard]] bool noneIsLeft() const;

    [[nodiscard]] TestDatabase &database() const { return *m_database; }
    [[nodiscard]] const std::shared_ptr<HistoryStore> &history() const { return m_history; }
    [[nodiscard]] const std::vector<refresh::RefreshNews> &news() const { return m_news; }
    [[nodiscard]] const Clock &clock() const { return m_clock; }

private:
    SystemClock m_clock;
    std::unique_ptr<TestDatabase> m_database;
    std::shared_ptr<HistoryStore> m_history;
    std::vector<refresh::RefreshNews> m_news;
};

} // namespace tidemark::test
