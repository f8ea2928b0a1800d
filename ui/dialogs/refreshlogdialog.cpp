// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/dialogs/refreshlogdialog.h"

#include "core/base/clock.h"
#include "core/base/units.h"
#include "ui/models/texts.h"
#include "ui/services/dialogs.h"
#include "ui/services/theme.h"
#include "ui/widgets/messagebar.h"
#include "ui/widgets/sqlview.h"
#include "ui/widgets/statusbadge.h"

#include <QClipboard>
#include <QComboBox>
#include <QFormLayout>
#include <QGuiApplication>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QSaveFile>
#include <QTabWidget>
#include <QVBoxLayout>

namespace tidemark::ui {

namespace {

Result<pg::Session> sessionFor(const ServerAccess &access, const QString &database, bool writes,
                               const std::stop_token &stop)
{
    pg::SessionOptions options;
    options.applicationName = QStringLiteral("tidemark refresh log");
    options.readOnly = !writes;
    // DROP waits for a refresh that is being written down; nobody shall queue behind it for long.
    options.lockTimeout = Millis(3'000);
    const pg::ConnInfo info = access.profile.connInfo.withDatabase(database);
    return pg::Session::open(access.password.isEmpty() ? info : info.with(QStringLiteral("password"), access.password),
                             options, stop);
}

} // namespace

RefreshLogDialog::RefreshLogDialog(const PageContext &context, const Snapshots &servers, QWidget *parent)
    : QDialog(parent)
    , m_context(context)
    , m_database(new QComboBox(this))
    , m_state(new StatusBadge(this))
    , m_stateText(new QLabel(this))
    , m_scripts(new QTabWidget(this))
    , m_message(new MessageBar(this))
    , m_install(new QPushButton(tr("&Install refresh log…"), this))
    , m_remove(new QPushButton(tr("&Remove refresh log…"), this))
{
    setWindowTitle(tr("Refresh log"));
    m_database->setAccessibleName(tr("Database"));
    for (const ServerSnapshotPtr &server : servers) {
        for (const auto &[name, database] : server->databases) {
            if (database->state == WatchState::Live)
                m_database->addItem(QStringLiteral("%1 / %2").arg(server->name, name), QStringList{server->name, name});
        }
    }
    m_stateText->setWordWrap(true);
    auto *about = new QLabel(
        tr("Two event triggers write down every REFRESH MATERIALIZED VIEW of a database, by whomever and from wherever: "
           "start, end and user, kept for 90 days in tidemark.refresh_log. Tidemark reads that log and then knows each "
           "refresh to the moment, those of the time it did not watch included. It takes a superuser and PostgreSQL 12 or "
           "later. A refresh never fails because of it: what cannot be written down is a warning."),
        this);
    about->setWordWrap(true);

    auto *form = new QFormLayout;
    form->addRow(tr("&Database"), m_database);
    auto *state = new QHBoxLayout;
    state->setSpacing(spacing(this, 3));
    state->addWidget(m_state);
    state->addWidget(m_stateText, 1);

    auto *copy = new QPushButton(tr("&Copy script"), this);
    auto *save = new QPushButton(tr("&Save script…"), this);
    auto *close = new QPushButton(tr("Close"), this);
    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(spacing(this, 2));
    buttons->addWidget(copy);
    buttons->addWidget(save);
    buttons->addStretch(1);
    buttons->addWidget(m_install);
    buttons->addWidget(m_remove);
    buttons->addWidget(close);
    for (QPushButton *button : {copy, save, m_install, m_remove})
        button->setAutoDefault(false);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(spacing(this, 5), spacing(this, 5), spacing(this, 5), spacing(this, 4));
    layout->setSpacing(spacing(this, 3));
    layout->addWidget(about);
    layout->addLayout(form);
    layout->addLayout(state);
    layout->addWidget(makeScripts(), 1);
    layout->addWidget(m_message);
    layout->addLayout(buttons);
    resize(fontMetrics().averageCharWidth() * 120, fontMetrics().height() * 38);

    connect(m_database, &QComboBox::currentIndexChanged, this, &RefreshLogDialog::readState);
    connect(copy, &QPushButton::clicked, this, &RefreshLogDialog::copyScript);
    connect(save, &QPushButton::clicked, this, &RefreshLogDialog::saveScript);
    connect(m_install, &QPushButton::clicked, this, [this]() { change(RefreshLog::Change::Install); });
    connect(m_remove, &QPushButton::clicked, this, [this]() { change(RefreshLog::Change::Remove); });
    connect(close, &QPushButton::clicked, this, &QDialog::reject);
    readState();
}

QWidget *RefreshLogDialog::makeScripts()
{
    m_scripts->setAccessibleName(tr("Scripts"));
    const auto add = [this](RefreshLog::Change change, const QString &title) {
        auto *view = new SqlView(m_scripts);
        view->setAccessibleName(title);
        view->setSql(RefreshLog::script(change));
        m_scripts->addTab(view, title);
    };
    add(RefreshLog::Change::Install, tr("Script that installs it"));
    add(RefreshLog::Change::Remove, tr("Script that removes it"));
    return m_scripts;
}

std::optional<ServerAccess> RefreshLogDialog::access() const
{
    const QStringList place = m_database->currentData().toStringList();
    return place.isEmpty() || !m_context.accessTo ? std::nullopt : m_context.accessTo(place.first());
}

QString RefreshLogDialog::database() const
{
    return m_database->currentData().toStringList().value(1);
}

RefreshLog::Change RefreshLogDialog::shownScript() const
{
    return m_scripts->currentIndex() == 0 ? RefreshLog::Change::Install : RefreshLog::Change::Remove;
}

void RefreshLogDialog::selectDatabase(const QString &server, const QString &database)
{
    for (int index = 0; index < m_database->count(); ++index) {
        const QStringList place = m_database->itemData(index).toStringList();
        if ((server.isEmpty() || place.value(0) == server) && (database.isEmpty() || place.value(1) == database)) {
            m_database->setCurrentIndex(index);
            return;
        }
    }
}

void RefreshLogDialog::readState()
{
    m_message->clear();
    m_install->setEnabled(false);
    m_remove->setEnabled(false);
    const auto access = this->access();
    if (!access) {
        m_state->setStatus(Severity::Unknown, tr("No database is connected"));
        m_stateText->clear();
        return;
    }
    m_state->setStatus(Severity::Unknown, tr("Looking…"));
    m_stateText->clear();
    m_context.runner->run(
        this, m_reading,
        [access = *access, database = database()](const std::stop_token &stop) -> Result<RefreshLogState> {
            TIDEMARK_TRY(pg::Session session, sessionFor(access, database, false, stop));
            return RefreshLog::state(session);
        },
        [this](const Result<RefreshLogState> &state) {
            if (state) {
                showState(*state);
                return;
            }
            m_state->setStatus(Severity::Unknown, tr("Not known"));
            m_message->showError(state.error());
        });
}

void RefreshLogDialog::showState(const RefreshLogState &state)
{
    using Presence = RefreshLogState::Presence;
    switch (state.presence) {
    case Presence::Absent:
        m_state->setStatus(Severity::Unknown, tr("Not installed"));
        break;
    case Presence::Installed:
        m_state->setStatus(Severity::Ok, tr("Installed"));
        break;
    case Presence::SwitchedOff:
        m_state->setStatus(Severity::Warning, tr("Switched off"));
        break;
    case Presence::Partial:
        m_state->setStatus(Severity::Warning, tr("Incomplete"));
        break;
    }
    QString text;
    if (state.presence == Presence::SwitchedOff)
        text = tr(
            "An event trigger is disabled, so nothing is written down. ALTER EVENT TRIGGER … ENABLE brings it back.");
    else if (state.entries && *state.entries == 0)
        text = tr("No refresh was written down yet.");
    else if (state.entries && state.oldest)
        text = tr("%1 refreshes since %2").arg(units::count(*state.entries, QLocale()), texts::absolute(*state.oldest));
    else if (state.presence != Presence::Absent && !state.entries)
        text = tr("This role may not read it: grant it pg_monitor.");
    const RefreshLog log(access().value_or(ServerAccess()).profile, m_context.history, *m_context.clock);
    const Status mayInstall = log.check(RefreshLog::Change::Install, state);
    const Status mayRemove = log.check(RefreshLog::Change::Remove, state);
    m_install->setEnabled(mayInstall.has_value());
    m_remove->setEnabled(mayRemove.has_value());
    m_install->setToolTip(mayInstall ? QString() : mayInstall.error().message);
    m_remove->setToolTip(mayRemove ? QString() : mayRemove.error().message);
    // What stands in the way of the one thing that could be done is told in full.
    const Status &possible = state.presence == Presence::Absent ? mayInstall : mayRemove;
    if (!possible)
        text += (text.isEmpty() ? QString() : QStringLiteral(" ")) + possible.error().message + QLatin1Char(' ')
                + possible.error().hint;
    m_stateText->setText(text);
}

void RefreshLogDialog::copyScript()
{
    QGuiApplication::clipboard()->setText(RefreshLog::script(shownScript()));
    m_message->showMessage(Severity::Ok, tr("The script is on the clipboard."));
}

void RefreshLogDialog::saveScript()
{
    const QString name = shownScript() == RefreshLog::Change::Install ? QStringLiteral("refresh_log.up.sql")
                                                                      : QStringLiteral("refresh_log.down.sql");
    m_context.dialogs->saveFile(
        this, tr("Save script"), name, {tr("SQL (*.sql)")}, [this, change = shownScript()](const QString &path) {
            QSaveFile file(path);
            if (file.open(QIODevice::WriteOnly))
                file.write(RefreshLog::script(change).toUtf8());
            if (file.commit())
                m_message->showMessage(Severity::Ok, tr("Saved as %1.").arg(path));
            else
                m_message->showError(Error::local(tr("cannot write %1: %2").arg(path, file.errorString())));
        });
}

void RefreshLogDialog::change(RefreshLog::Change change)
{
    const auto access = this->access();
    if (!access)
        return;
    const bool installs = change == RefreshLog::Change::Install;
    m_scripts->setCurrentIndex(installs ? 0 : 1);
    const ConfirmationNeeded needed =
        RefreshLog(access->profile, m_context.history, *m_context.clock).confirmation(change, database());
    ConfirmRequest request;
    request.title = installs ? tr("Install the refresh log") : tr("Remove the refresh log");
    request.text = needed.text;
    request.statement = RefreshLog::script(change);
    request.verb = installs ? tr("Install in %1").arg(database()) : tr("Remove from %1").arg(database());
    request.server = access->profile.name;
    request.environment = access->profile.environment;
    request.typedName = needed.typedWord;
    m_context.dialogs->confirm(this, request, [this, change, typed = needed.typedWord](bool confirmed) {
        if (confirmed)
            perform(change, typed);
    });
}

void RefreshLogDialog::perform(RefreshLog::Change change, const QString &typed)
{
    const auto access = this->access();
    if (!access)
        return;
    m_install->setEnabled(false);
    m_remove->setEnabled(false);
    m_database->setEnabled(false);
    m_message->showMessage(Severity::Notice,
                           change == RefreshLog::Change::Install ? tr("Installing…") : tr("Removing…"));
    m_context.runner->run(
        this, m_changing,
        [change, typed, access = *access, database = database(), history = m_context.history,
         clock = m_context.clock](const std::stop_token &stop) -> Result<RefreshLogState> {
            TIDEMARK_TRY(pg::Session session, sessionFor(access, database, true, stop));
            return RefreshLog(access.profile, history, *clock).perform(session, change, {true, typed});
        },
        [this, change](const Result<RefreshLogState> &state) {
            m_database->setEnabled(true);
            if (!state) {
                readState();
                m_message->showError(state.error());
                return;
            }
            showState(*state);
            m_message->showMessage(Severity::Ok, change == RefreshLog::Change::Install
                                                     ? tr("Installed. Refreshes are written down from now on.")
                                                     : tr("Removed, the log with it."));
        });
}

} // namespace tidemark::ui
