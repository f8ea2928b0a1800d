// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/changing.h"
#include "app/cli/interrupt.h"
#include "app/cli/json.h"
#include "app/cli/verbs.h"
#include "core/base/printable.h"
#include "core/base/units.h"
#include "core/base/words.h"
#include "core/plan/runorders.h"
#include "core/schedule/agent.h"

#include <array>
#include <future>

namespace tidemark::cli {

namespace {

using schedule::Agent;
using schedule::AgentNews;
using Kind = AgentNews::Kind;

constexpr std::array kinds{Word{Kind::Connected, "executing"},  Word{Kind::Standby, "standby"},
                           Word{Kind::Lost, "connection_lost"}, Word{Kind::Begun, "begun"},
                           Word{Kind::Ended, "ended"},          Word{Kind::Skipped, "skipped"},
                           Word{Kind::Missed, "missed"},        Word{Kind::Unreadable, "schedules_unreadable"}};

void tell(const Context &context, const AgentNews &news)
{
    const QString at = toIso8601(context.clock.now());
    if (context.json) {
        const auto orNull = [](const QString &text) { return text.isEmpty() ? QJsonValue() : QJsonValue(text); };
        context.printLine({{QStringLiteral("at"), at},
                           {QStringLiteral("event"), wordOf(kinds, news.kind)},
                           {QStringLiteral("schedule"), orNull(news.schedule)},
                           {QStringLiteral("message"), orNull(news.text)}});
        return;
    }
    QString words = wordOf(kinds, news.kind);
    context.out << at << "  " << words.replace(QLatin1Char('_'), QLatin1Char(' '));
    if (!news.schedule.isEmpty())
        context.out << ' ' << printable(news.schedule);
    if (!news.text.isEmpty())
        context.out << ": " << printable(news.text);
    context.out << Qt::endl;
}

Result<schedule::AgentOptions> optionsOf(const Context &context)
{
    TIDEMARK_TRY(const ChangeTarget target, changeTarget(context));
    schedule::AgentOptions options;
    options.server = target.server;
    options.profile = target.profile;
    if (!target.isNamed)
        options.profile.safety = Safety::Confirm; // -d is the person's own word
    options.name = thisDriver();
    options.history = context.history;
    bool isNumber = true;
    if (context.options.isSet(QStringLiteral("jobs")))
        options.runsAtOnce = context.options.value(QStringLiteral("jobs")).toInt(&isNumber);
    if (!isNumber || options.runsAtOnce < 1)
        return fail(Error::input(QStringLiteral("--jobs takes a number from 1")));
    TIDEMARK_TRY(pg::Session session, openForChange(target));
    options.server = target.server.withDatabase(session.database());
    TIDEMARK_TRY([[maybe_unused]] const auto schedules, schedule::readSchedules(session));
    TIDEMARK_CHECK(askConsent(context, target,
                              QStringLiteral("Execute the schedules of database %1").arg(session.database()),
                              session.database()));
    return options;
}

ExitCode agent(const Context &context)
{
    std::optional<Millis> limit;
    if (context.options.isSet(QStringLiteral("for"))) {
        limit = units::parseDuration(context.options.value(QStringLiteral("for")));
        if (!limit)
            return context.fail(Error::input(
                QStringLiteral("--for takes a time, not '%1'").arg(context.options.value(QStringLiteral("for")))));
    }
    auto options = optionsOf(context);
    if (!options)
        return context.fail(options.error());
    options->onNews = [&context](const AgentNews &news) { tell(context, news); };
    catchInterrupts();
    Agent agent(*std::move(options), context.clock);
    std::stop_source end;
    auto running = std::async(std::launch::async, [&] { return agent.run(end.get_token()); });
    const auto began = std::chrono::steady_clock::now();
    while (running.wait_for(std::chrono::milliseconds(50)) != std::future_status::ready) {
        if (isInterrupted() || (limit && std::chrono::steady_clock::now() - began >= *limit))
            end.request_stop();
    }
    const Status done = running.get();
    return done ? ExitCode::Done : context.fail(done.error());
}

} // namespace

Verb agentVerb()
{
    QList<QCommandLineOption> options = consentOptions();
    options << QCommandLineOption(QStringLiteral("for"), QStringLiteral("End by itself after this long."),
                                  QStringLiteral("DURATION"))
            << QCommandLineOption(QStringLiteral("jobs"),
                                  QStringLiteral("Execute at most so many schedules at once (default 2)."),
                                  QStringLiteral("N"));
    Verb verb{
        QStringLiteral("agent"), QStringLiteral("stay, and execute the schedules of a database"), {}, options, agent};
    verb.json = QStringLiteral("Print each event as one JSON object on a line of its own, as it happens: version, at, "
                               "event (executing, standby, connection_lost, schedules_unreadable, begun, ended, "
                               "skipped, missed), schedule, message.");
    return verb;
}

} // namespace tidemark::cli
