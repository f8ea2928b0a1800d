// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/dialogs/connectiondialog.h"

#include "core/base/units.h"
#include "core/pg/capabilities.h"
#include "core/secrets/secretstore.h"
#include "core/store/profilestore.h"
#include "ui/dialogs/connectionform.h"
#include "ui/services/dialogs.h"
#include "ui/services/icons.h"
#include "ui/services/theme.h"
#include "ui/widgets/messagebar.h"

#include <QElapsedTimer>
#include <QHBoxLayout>
#include <QListWidget>
#include <QPointer>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>

namespace tidemark::ui {

namespace {

struct TestAnswer
{
    pg::Capabilities capabilities;
    bool encrypted = false;
    Millis took{0};
};

Result<TestAnswer> tryConnection(const pg::ConnInfo &info, const std::stop_token &stop)
{
    QElapsedTimer timer;
    timer.start();
    TIDEMARK_TRY(pg::Session session, pg::Session::open(info, {}, stop));
    TestAnswer answer;
    pg::CallOptions call;
    call.stop = stop;
    TIDEMARK_TRY(answer.capabilities, pg::Capabilities::probe(session, call));
    answer.encrypted = session.isEncrypted();
    answer.took = Millis(timer.elapsed());
    return answer;
}

} // namespace

ConnectionDialog::ConnectionDialog(const ConnectionDialogServices &services, QWidget *parent)
    : QDialog(parent)
    , m_services(services)
    , m_list(new QListWidget(this))
    , m_form(new ConnectionForm(this))
    , m_message(new MessageBar(this))
    , m_remove(new QPushButton(tr("Re&move profile…"), this))
    , m_test(new QPushButton(tr("&Test connection"), this))
    , m_save(new QPushButton(tr("&Save"), this))
    , m_connect(new QPushButton(tr("Sa&ve and connect"), this))
{
    setWindowTitle(tr("Servers"));
    m_list->setAccessibleName(tr("Profiles"));
    m_list->setMaximumWidth(fontMetrics().averageCharWidth() * 28);
    auto *create = new QPushButton(icon(QStringLiteral("connect")), tr("New &profile"), this);
    create->setAccessibleName(tr("New profile"));
    m_remove->setAccessibleName(tr("Remove profile"));
    m_test->setAccessibleName(tr("Test connection"));

    auto *left = new QVBoxLayout;
    left->setSpacing(spacing(this, 2));
    left->addWidget(m_list, 1);
    left->addWidget(create);
    left->addWidget(m_remove);
    auto *right = new QVBoxLayout;
    right->setSpacing(spacing(this, 3));
    right->addWidget(m_form);
    right->addStretch(1);
    right->addWidget(m_message);
    auto *columns = new QHBoxLayout;
    columns->setSpacing(spacing(this, 5));
    columns->addLayout(left);
    columns->addLayout(right, 1);

    auto *cancel = new QPushButton(tr("Cancel"), this);
    m_connect->setDefault(true);
    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(spacing(this, 2));
    buttons->addWidget(m_test);
    buttons->addStretch(1);
    buttons->addWidget(cancel);
    buttons->addWidget(m_save);
    buttons->addWidget(m_connect);
    m_save->setEnabled(m_services.profiles != nullptr);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(spacing(this, 5), spacing(this, 5), spacing(this, 5), spacing(this, 4));
    layout->setSpacing(spacing(this, 4));
    layout->addLayout(columns, 1);
    layout->addLayout(buttons);
    setMinimumWidth(fontMetrics().averageCharWidth() * 110);

    connect(m_list, &QListWidget::currentRowChanged, this, &ConnectionDialog::showProfile);
    connect(create, &QPushButton::clicked, this, [this]() { selectProfile({}); });
    connect(m_remove, &QPushButton::clicked, this, &ConnectionDialog::removeProfile);
    connect(m_test, &QPushButton::clicked, this, &ConnectionDialog::test);
    connect(m_save, &QPushButton::clicked, this, &ConnectionDialog::save);
    connect(m_connect, &QPushButton::clicked, this, &ConnectionDialog::saveAndConnect);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_form, &ConnectionForm::edited, this, [this]() {
        m_testing.cancel();
        m_test->setEnabled(true);
        m_message->clear();
    });
    selectProfile({});
}

QString ConnectionDialog::currentName() const
{
    return m_list->currentItem() ? m_list->currentItem()->text() : QString();
}

void ConnectionDialog::readList(const QString &current)
{
    if (!m_services.profiles) {
        fillList({});
        return;
    }
    m_services.runner->run(
        this, m_reading, [profiles = m_services.profiles](const std::stop_token &) { return profiles->list(); },
        [this, current](Result<std::vector<Profile>> profiles) {
            if (!profiles) {
                m_message->showError(profiles.error());
                return;
            }
            m_profiles = std::move(*profiles);
            // What was typed while the list came belongs to a new profile and stays.
            if (current.isEmpty() || std::none_of(m_profiles.begin(), m_profiles.end(), [&](const Profile &profile) {
                    return profile.name == current;
                })) {
                fillList({});
                return;
            }
            fillList(current);
            showProfile();
        });
}

void ConnectionDialog::fillList(const QString &current)
{
    const QSignalBlocker quiet(m_list);
    m_list->clear();
    m_list->setCurrentRow(-1);
    for (const Profile &profile : m_profiles) {
        auto *item = new QListWidgetItem(icon(QStringLiteral("server")), profile.name, m_list);
        item->setToolTip(profile.connInfo.display());
        if (profile.name == current)
            m_list->setCurrentItem(item);
    }
    m_remove->setEnabled(!currentName().isEmpty());
}

void ConnectionDialog::selectProfile(const QString &name)
{
    m_list->setCurrentRow(-1);
    showProfile();
    readList(name);
    m_form->focusName();
}

void ConnectionDialog::focusDatabases()
{
    m_form->focusDatabases();
}

void ConnectionDialog::showProfile()
{
    m_testing.cancel();
    m_test->setEnabled(true);
    m_message->clear();
    m_remove->setEnabled(!currentName().isEmpty());
    const auto found = std::find_if(m_profiles.begin(), m_profiles.end(),
                                    [name = currentName()](const Profile &profile) { return profile.name == name; });
    m_form->setProfile(found == m_profiles.end() ? Profile() : *found);
}

void ConnectionDialog::setBusy(bool busy)
{
    for (QPushButton *button : {m_save, m_connect, m_remove})
        button->setEnabled(!busy);
    m_save->setEnabled(!busy && m_services.profiles != nullptr);
    m_remove->setEnabled(!busy && !currentName().isEmpty());
}

void ConnectionDialog::test()
{
    const auto profile = m_form->profile();
    if (!profile) {
        m_message->showError(profile.error());
        return;
    }
    m_test->setEnabled(false);
    m_message->showMessage(Severity::Notice, tr("Connecting to %1…").arg(profile->connInfo.display()));
    const auto start = [this, info = profile->connInfo](const QString &password) {
        m_services.runner->run(
            this, m_testing,
            [info = password.isEmpty() ? info : info.with(QStringLiteral("password"), password)](
                const std::stop_token &stop) { return tryConnection(info, stop); },
            [this](const Result<TestAnswer> &answer) {
                m_test->setEnabled(true);
                if (!answer) {
                    m_message->showError(answer.error());
                    return;
                }
                QStringList detail;
                detail << (answer->encrypted ? tr("The connection is encrypted.")
                                             : tr("The connection is not encrypted."));
                detail
                    << (answer->capabilities.canReadAllStats || answer->capabilities.isSuperuser
                            ? tr("The role sees the queries of others.")
                            : tr(
                                "The role does not see the queries of others; grant it pg_monitor to name who blocks."));
                if (!answer->capabilities.tracksCommitTimestamps)
                    detail << tr(
                        "track_commit_timestamp is off: the time of a refresh by others is found by sampling.");
                m_message->showMessage(Severity::Ok,
                                       tr("Connected to PostgreSQL %1 as %2 in %3.")
                                           .arg(answer->capabilities.serverVersionText, answer->capabilities.user,
                                                units::duration(answer->took)),
                                       detail.join(QLatin1Char('\n')));
            });
    };
    if (!m_form->password().isEmpty() || currentName().isEmpty()) {
        start(m_form->password());
        return;
    }
    QPointer<ConnectionDialog> alive(this);
    m_services.secrets->read(currentName(), [alive, start](const Result<QString> &secret) {
        if (alive)
            start(secret.value_or(QString()));
    });
}

void ConnectionDialog::store(std::function<void(const Profile &)> then)
{
    const auto profile = m_form->profile();
    if (!profile) {
        m_message->showError(profile.error());
        return;
    }
    if (!m_services.profiles) {
        then(*profile);
        return;
    }
    setBusy(true);
    m_services.runner->run(
        this, m_storing,
        [profiles = m_services.profiles, before = currentName(), profile = *profile](const std::stop_token &) {
            return before.isEmpty() ? profiles->add(profile) : profiles->replace(before, profile);
        },
        [this, before = currentName(), profile = *profile, then = std::move(then)](const Status &kept) {
            setBusy(false);
            if (!kept) {
                m_message->showError(kept.error());
                return;
            }
            if (!before.isEmpty() && before != profile.name)
                Q_EMIT profileRemoved(before);
            std::erase_if(m_profiles,
                          [&](const Profile &own) { return own.name == before || own.name == profile.name; });
            m_profiles.insert(std::find_if(m_profiles.begin(), m_profiles.end(),
                                           [&](const Profile &own) { return own.name > profile.name; }),
                              profile);
            keepPassword(before, profile.name, [then, profile]() { then(profile); });
        });
}

std::function<void(const Error &)> ConnectionDialog::reporter()
{
    return [alive = QPointer<ConnectionDialog>(this), report = m_services.report](const Error &error) {
        if (alive && alive->isVisible())
            alive->m_message->showError(error, Severity::Warning);
        else if (report)
            report(error);
    };
}

void ConnectionDialog::keepPassword(const QString &before, const QString &name, std::function<void()> then)
{
    SecretStore *secrets = m_services.secrets;
    const bool renamed = !before.isEmpty() && before != name;
    const auto forget = [secrets, report = reporter()](const QString &old) {
        secrets->remove(old, [report, old](const Status &removed) {
            if (!removed)
                report(removed.error().within(tr("removing the password of %1").arg(old)));
        });
    };
    const auto write = [secrets, name, renamed, before, forget, report = reporter()](const QString &password) {
        secrets->write(name, password, [renamed, before, forget, report](const Status &kept) {
            if (!kept)
                report(kept.error());
            else if (renamed)
                forget(before);
        });
    };
    if (!m_form->password().isEmpty()) {
        if (m_form->keepsPassword())
            write(m_form->password());
        else if (renamed)
            forget(before);
        then();
        return;
    }
    if (!renamed) {
        then();
        return;
    }
    // Whoever connects next looks under the new name: it has to be there by then.
    setBusy(true);
    secrets->read(before, [alive = QPointer<ConnectionDialog>(this), secrets, name, before, forget, report = reporter(),
                           then = std::move(then)](const Result<QString> &kept) {
        const auto goOn = [alive, then]() {
            if (!alive)
                return;
            alive->setBusy(false);
            then();
        };
        if (!kept) {
            goOn();
            if (kept.error().kind != ErrorKind::Missing)
                report(kept.error());
            return;
        }
        secrets->write(name, *kept, [before, forget, report, goOn](const Status &moved) {
            goOn();
            if (moved)
                forget(before);
            else
                report(moved.error());
        });
    });
}

void ConnectionDialog::save()
{
    store([this](const Profile &profile) {
        m_message->showMessage(Severity::Ok, tr("Saved %1.").arg(profile.name));
        fillList(profile.name);
    });
}

void ConnectionDialog::saveAndConnect()
{
    store([this, password = m_form->password()](const Profile &profile) {
        Q_EMIT connectRequested(profile, password);
        accept();
    });
}

void ConnectionDialog::removeProfile()
{
    const auto profile = std::find_if(m_profiles.begin(), m_profiles.end(),
                                      [name = currentName()](const Profile &own) { return own.name == name; });
    if (profile == m_profiles.end())
        return;
    const QString name = profile->name;
    ConfirmRequest request;
    request.title = tr("Remove the profile %1?").arg(name);
    request.text = tr("Its password is removed from the keychain, too. What was recorded of the server stays.");
    request.verb = tr("Remove %1").arg(name);
    request.server = name;
    request.environment = profile->environment;
    m_services.dialogs->confirm(this, request, [this, name](bool confirmed) {
        if (!confirmed)
            return;
        setBusy(true);
        m_services.runner->run(
            this, m_storing,
            [profiles = m_services.profiles, name](const std::stop_token &) { return profiles->remove(name); },
            [this, name](const Status &removed) {
                setBusy(false);
                if (!removed) {
                    m_message->showError(removed.error());
                    return;
                }
                m_services.secrets->remove(name, [name, report = reporter()](const Status &forgotten) {
                    // Where no keychain runs it has no password either.
                    if (!forgotten && forgotten.error().kind != ErrorKind::Unsupported)
                        report(forgotten.error().within(tr("removing the password of %1").arg(name)));
                });
                Q_EMIT profileRemoved(name);
                selectProfile({});
            });
    });
}

} // namespace tidemark::ui
