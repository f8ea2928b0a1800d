// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/refreshscene.h"

#include "tests/support/testserver.h"

namespace tidemark::test {

RefreshScene::RefreshScene(std::unique_ptr<TestDatabase> database)
    : m_database(std::move(database))
    , m_history(std::make_shared<HistoryStore>(LocalStore::inMemory().value()))
{
}

pg::QualifiedName RefreshScene::named(const char *name)
{
    return {QStringLiteral("public"), QString::fromUtf8(name)};
}

refresh::RefreshSpec RefreshScene::of(std::initializer_list<const char *> names, bool cascade)
{
    refresh::RefreshSpec spec;
    for (const char *name : names)
        spec.names.push_back(named(name));
    spec.cascade = cascade;
    spec.acceptsLock = true;
    return spec;
}

refresh::RefreshPlan RefreshScene::plan(const refresh::RefreshSpec &spec) const
{
    pg::Session session = m_database->open();
    auto planned = refresh::planRefresh(session, spec, m_history.get());
    if (!planned)
        qFatal("%s", describe(planned.error()).constData());
    return std::move(*planned);
}

std::unique_ptr<refresh::RefreshRun> RefreshScene::runOf(const refresh::RefreshPlan &plan)
{
    refresh::RefreshRunOptions options;
    options.server = m_database->conn();
    options.profile.name = QStringLiteral("test");
    options.profile.safety = Safety::Free;
    options.applicationName = QStringLiteral("refreshing");
    options.history = m_history;
    options.onNews = [this](const refresh::RefreshNews &news) { m_news.push_back(news); };
    m_news.clear();
    return std::make_unique<refresh::RefreshRun>(plan, options, m_clock);
}

refresh::RefreshLook RefreshScene::carryOut(const refresh::RefreshPlan &plan)
{
    auto look = runOf(plan)->run(plan.asPlan().fingerprint(), {true, {}}, {});
    if (!look)
        qFatal("%s", describe(look.error()).constData());
    return *look;
}

QString RefreshScene::told(const refresh::RefreshPlan &plan, const refresh::RefreshLook &look)
{
    QStringList all;
    for (std::size_t place = 0; place < plan.items.size(); ++place)
        all << plan.items[place].name.name + QLatin1Char(' ') + refresh::toWord(look.items[place].state);
    return all.join(QLatin1String(", "));
}

std::vector<RefreshEvent> RefreshScene::eventsOf(const char *view) const
{
    pg::Session session = m_database->open();
    const DatabaseRef database = databaseRefOf(pg::Capabilities::probe(session).value());
    return m_history->refreshes(database, named(view), std::nullopt, 50).value();
}

bool RefreshScene::noneIsLeft() const
{
    return m_database->value("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'refreshing'")
           == QLatin1String("0");
}

} // namespace tidemark::test
