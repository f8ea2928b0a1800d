// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/dialogs/alertsdialog.h"

#include "core/base/units.h"
#include "core/store/historystore.h"
#include "ui/services/theme.h"
#include "ui/widgets/messagebar.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace tidemark::ui {

AlertsDialog::AlertsDialog(AlertsDialogServices services, QWidget *parent)
    : QDialog(parent)
    , m_services(std::move(services))
    , m_server(new QComboBox(this))
    , m_own(new QCheckBox(tr("&Thresholds of its own"), this))
    , m_freshness(new QCheckBox(tr("A &freshness target is missed"), this))
    , m_blocking(new QCheckBox(tr("&Blocking for longer than"), this))
    , m_blockingText(addThreshold(m_blocking, QStringLiteral("blockingLongerThan"), tr("for example 30 s")))
    , m_runway(new QCheckBox(tr("Run&way of a partitioned table shorter than"), this))
    , m_runwayText(addThreshold(m_runway, QStringLiteral("runwayShorterThan"), tr("for example 3 d")))
    , m_job(new QCheckBox(tr("A scheduled &job failed"), this))
    , m_targetBox(new QWidget(this))
    , m_target(new QLineEdit(m_targetBox))
    , m_targetHint(new QLabel(m_targetBox))
    , m_message(new MessageBar(this))
    , m_save(new QPushButton(tr("&Save thresholds"), this))
{
    setWindowTitle(tr("Alerts"));
    buildForm();
    connect(m_server, &QComboBox::currentIndexChanged, this, [this]() {
        takeFields();
        showServer(m_server->currentData().toString());
    });
    for (QCheckBox *box : {m_own, m_blocking, m_runway})
        connect(box, &QCheckBox::toggled, this, &AlertsDialog::updateEnabled);
    connect(m_save, &QPushButton::clicked, this, &AlertsDialog::save);
    m_server->addItem(tr("All servers"), QString());
    for (const QString &server : m_services.servers.keys())
        m_server->addItem(server, server);
    setEnabled(false); // until the thresholds are read
    read();
}

QLineEdit *AlertsDialog::addThreshold(QCheckBox *box, const QString &objectName, const QString &hint)
{
    auto *line = new QLineEdit(this);
    line->setObjectName(objectName);
    line->setAccessibleName(box->text().remove(QLatin1Char('&')));
    line->setPlaceholderText(hint);
    return line;
}

void AlertsDialog::buildForm()
{
    m_server->setAccessibleName(tr("Server"));
    m_own->setObjectName(QStringLiteral("own"));
    m_freshness->setObjectName(QStringLiteral("freshness"));
    m_job->setObjectName(QStringLiteral("jobFailed"));
    m_blocking->setObjectName(QStringLiteral("blocking"));
    m_runway->setObjectName(QStringLiteral("runway"));
    auto *of = new QFormLayout;
    of->addRow(tr("Alerts &of"), m_server);
    of->addRow(QString(), m_own);

    auto *rules = new QFormLayout;
    rules->setVerticalSpacing(spacing(this, 2));
    rules->addRow(m_freshness);
    rules->addRow(m_blocking, m_blockingText);
    rules->addRow(m_runway, m_runwayText);
    rules->addRow(m_job);

    m_target->setObjectName(QStringLiteral("defaultTarget"));
    m_target->setAccessibleName(tr("How old what has no target of its own may be"));
    m_targetHint->setWordWrap(true);
    m_targetHint->setForegroundRole(QPalette::PlaceholderText);
    auto *target = new QFormLayout(m_targetBox);
    target->setContentsMargins(0, 0, 0, 0);
    target->addRow(tr("Freshness tar&get"), m_target);
    target->addRow(m_targetHint);

    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    buttons->addButton(m_save, QDialogButtonBox::AcceptRole);
    m_save->setDefault(true);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(spacing(this, 5), spacing(this, 5), spacing(this, 5), spacing(this, 4));
    layout->setSpacing(spacing(this, 4));
    layout->addLayout(of);
    layout->addLayout(rules);
    layout->addWidget(m_targetBox);
    layout->addWidget(m_message);
    layout->addStretch(1);
    layout->addWidget(buttons);
    setMinimumWidth(fontMetrics().averageCharWidth() * 72);
    for (QWidget *last = m_server;
         QWidget * next :
         {static_cast<QWidget *>(m_own), static_cast<QWidget *>(m_freshness), static_cast<QWidget *>(m_blocking),
          static_cast<QWidget *>(m_blockingText), static_cast<QWidget *>(m_runway),
          static_cast<QWidget *>(m_runwayText), static_cast<QWidget *>(m_job), static_cast<QWidget *>(m_target),
          static_cast<QWidget *>(m_save)}) {
        setTabOrder(last, next);
        last = next;
    }
}

std::vector<DatabaseRef> AlertsDialog::databasesOf(const QString &server) const
{
    std::vector<DatabaseRef> databases;
    const ServerSnapshotPtr snapshot = m_services.servers.value(server);
    if (!snapshot)
        return databases;
    for (const auto &[name, database] : snapshot->databases) {
        if (database->capabilities.systemIdentifier.isEmpty())
            continue;
        databases.push_back(databaseRefOf(database->capabilities));
        databases.back().database = name;
    }
    return databases;
}

void AlertsDialog::read()
{
    QMap<QString, std::vector<DatabaseRef>> databases;
    for (const QString &server : m_services.servers.keys())
        databases.insert(server, databasesOf(server));
    m_services.runner->run(
        this, m_reading,
        [load = m_services.load, history = m_services.history, databases](const std::stop_token &) {
            Loaded loaded;
            loaded.settings = load();
            if (!history)
                return loaded;
            for (auto server = databases.cbegin(); server != databases.cend(); ++server) {
                QStringList texts;
                for (const DatabaseRef &database : server.value()) {
                    const auto targets = history->targets(database).value_or(QHash<pg::QualifiedName, Millis>());
                    const auto found = targets.constFind(pg::QualifiedName());
                    texts << (found == targets.cend() ? QString() : units::duration(*found));
                }
                texts.removeDuplicates();
                if (texts.size() > 1)
                    loaded.differing << server.key();
                loaded.targets.insert(server.key(), texts.size() == 1 ? texts.first() : QString());
            }
            return loaded;
        },
        [this](const Loaded &loaded) { fill(loaded); });
}

AlertsDialog::Sheet AlertsDialog::sheetOf(const AlertRules &rules)
{
    const AlertRules usual;
    Sheet sheet;
    sheet.freshness = rules.freshness;
    sheet.blocking = rules.blockingLongerThan.has_value();
    sheet.blockingLongerThan = units::duration(rules.blockingLongerThan.value_or(*usual.blockingLongerThan));
    sheet.runway = rules.runwayShorterThan.has_value();
    sheet.runwayShorterThan = units::duration(rules.runwayShorterThan.value_or(*usual.runwayShorterThan));
    sheet.jobFailed = rules.jobFailed;
    return sheet;
}

void AlertsDialog::fill(const Loaded &loaded)
{
    m_sheets.clear();
    m_sheets[QString()] = sheetOf(loaded.settings.common);
    for (const auto &[server, rules] : loaded.settings.own) {
        if (m_server->findData(server) < 0)
            m_server->addItem(server, server);
    }
    for (int index = 1; index < m_server->count(); ++index) {
        const QString server = m_server->itemData(index).toString();
        Sheet sheet = sheetOf(loaded.settings.of(server));
        sheet.own = loaded.settings.own.contains(server);
        sheet.target = sheet.targetBefore = loaded.targets.value(server);
        sheet.targetsDiffer = loaded.differing.contains(server);
        m_sheets[server] = sheet;
    }
    setEnabled(true);
    showServer(m_server->currentData().toString());
    m_server->setFocus(Qt::OtherFocusReason);
}

void AlertsDialog::selectServer(const QString &server)
{
    m_server->setCurrentIndex(std::max(0, m_server->findData(server)));
}

void AlertsDialog::showServer(const QString &server)
{
    const auto found = m_sheets.find(server);
    if (found == m_sheets.end())
        return;
    // Where a server has none of its own, what holds for all is what holds for it.
    const Sheet &own = found->second;
    const Sheet &sheet = server.isEmpty() || own.own ? own : m_sheets[QString()];
    m_shown = server;
    m_message->clear();
    m_own->setVisible(!server.isEmpty());
    m_own->setChecked(own.own);
    m_freshness->setChecked(sheet.freshness);
    m_blocking->setChecked(sheet.blocking);
    m_blockingText->setText(sheet.blockingLongerThan);
    m_runway->setChecked(sheet.runway);
    m_runwayText->setText(sheet.runwayShorterThan);
    m_job->setChecked(sheet.jobFailed);
    const int databases = static_cast<int>(databasesOf(server).size());
    m_targetBox->setVisible(!server.isEmpty());
    m_target->setEnabled(databases > 0 && m_services.history);
    m_target->setText(own.target);
    m_target->setPlaceholderText(own.targetsDiffer ? tr("different in each database") : tr("none; for example 1 h"));
    m_targetHint->setText(
        databases > 0
            ? tr("How old a view or table of its %n database(s) may be where it has no target of its own. One object's "
                 "own target is set on the Freshness page.",
                 nullptr, databases)
            : tr("The server has to be connected to set a target for all it holds."));
    updateEnabled();
}

void AlertsDialog::takeFields()
{
    const auto found = m_sheets.find(m_shown);
    if (found == m_sheets.end())
        return;
    Sheet &sheet = found->second;
    sheet.own = !m_shown.isEmpty() && m_own->isChecked();
    sheet.target = m_target->text().trimmed();
    if (!m_shown.isEmpty() && !sheet.own)
        return;
    sheet.freshness = m_freshness->isChecked();
    sheet.blocking = m_blocking->isChecked();
    sheet.blockingLongerThan = m_blockingText->text().trimmed();
    sheet.runway = m_runway->isChecked();
    sheet.runwayShorterThan = m_runwayText->text().trimmed();
    sheet.jobFailed = m_job->isChecked();
}

void AlertsDialog::updateEnabled()
{
    const bool editable = m_shown.isEmpty() || m_own->isChecked();
    for (QCheckBox *box : {m_freshness, m_blocking, m_runway, m_job})
        box->setEnabled(editable);
    m_blockingText->setEnabled(editable && m_blocking->isChecked());
    m_runwayText->setEnabled(editable && m_runway->isChecked());
}

std::optional<Millis> AlertsDialog::durationIn(const QString &server, const QString &text, QLineEdit *field)
{
    const auto duration = units::parseDuration(text);
    if (duration && duration->count() > 0)
        return duration;
    selectServer(server);
    m_message->showMessage(
        Severity::Warning,
        text.isEmpty() ? tr("A length of time is missing.") : tr("“%1” is not a length of time.").arg(text),
        tr("Write for example 90 s, 15 min, 1 h 30 min or 2 d. To switch the alert off, clear its box."));
    field->setFocus(Qt::OtherFocusReason);
    field->selectAll();
    return std::nullopt;
}

std::optional<AlertRules> AlertsDialog::rulesOf(const QString &server, const Sheet &sheet)
{
    AlertRules rules{sheet.freshness, std::nullopt, std::nullopt, sheet.jobFailed};
    if (sheet.blocking) {
        rules.blockingLongerThan = durationIn(server, sheet.blockingLongerThan, m_blockingText);
        if (!rules.blockingLongerThan)
            return std::nullopt;
    }
    if (sheet.runway) {
        rules.runwayShorterThan = durationIn(server, sheet.runwayShorterThan, m_runwayText);
        if (!rules.runwayShorterThan)
            return std::nullopt;
    }
    return rules;
}

void AlertsDialog::save()
{
    takeFields();
    AlertSettings settings;
    std::vector<std::pair<DatabaseRef, std::optional<Millis>>> targets;
    for (const auto &[server, sheet] : std::map(m_sheets)) {
        if (server.isEmpty() || sheet.own) {
            const auto rules = rulesOf(server, sheet);
            if (!rules)
                return;
            (server.isEmpty() ? settings.common : settings.own[server]) = *rules;
        }
        if (sheet.target == sheet.targetBefore)
            continue;
        std::optional<Millis> target;
        if (!sheet.target.isEmpty()) {
            target = durationIn(server, sheet.target, m_target);
            if (!target)
                return;
        }
        for (const DatabaseRef &database : databasesOf(server))
            targets.emplace_back(database, target);
    }
    m_save->setEnabled(false);
    m_services.runner->run(
        this, m_saving,
        [save = m_services.save, history = m_services.history, settings,
         targets = std::move(targets)](const std::stop_token &) -> Status {
            for (const auto &[database, target] : targets)
                TIDEMARK_CHECK(history->setTarget(database, {}, target));
            return save(settings);
        },
        [this](const Status &saved) {
            m_save->setEnabled(true);
            if (saved)
                accept();
            else
                m_message->showError(saved.error());
        });
}

} // namespace tidemark::ui
