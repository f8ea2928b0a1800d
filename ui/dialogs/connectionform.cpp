// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/dialogs/connectionform.h"

#include "ui/services/icons.h"
#include "ui/services/theme.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QSpinBox>

namespace tidemark::ui {

namespace {

QIcon swatch(const QColor &color, int size)
{
    QPixmap pixmap(size, size);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    painter.drawEllipse(pixmap.rect().adjusted(1, 1, -1, -1));
    return pixmap;
}

} // namespace

ConnectionForm::ConnectionForm(QWidget *parent)
    : QWidget(parent)
{
    auto *layout = new QFormLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setHorizontalSpacing(spacing(this, 3));
    layout->setVerticalSpacing(spacing(this, 2));
    layout->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    layout->setLabelAlignment(Qt::AlignRight | Qt::AlignVCenter);

    m_name = addField(layout, tr("&Name"), tr("Name of the profile"), tr("prod-eu"));
    m_line = addField(layout, tr("&Connection"), tr("Connection: URI, keywords or service"),
                      tr("postgresql://user@host:5432/database"));
    m_lineProblem = new QLabel(this);
    m_lineProblem->setWordWrap(true);
    m_lineProblem->hide();
    layout->addRow(QString(), m_lineProblem);

    m_host = new QLineEdit(this);
    m_host->setAccessibleName(tr("Host"));
    m_host->setPlaceholderText(tr("PGHOST, or the local socket"));
    m_port = new QLineEdit(this);
    m_port->setAccessibleName(tr("Port"));
    m_port->setPlaceholderText(QStringLiteral("5432"));
    m_port->setMaximumWidth(fontMetrics().averageCharWidth() * 12);
    auto *address = new QHBoxLayout;
    address->setSpacing(spacing(this, 2));
    address->addWidget(m_host, 1);
    auto *portLabel = new QLabel(tr("P&ort"), this);
    portLabel->setBuddy(m_port);
    address->addWidget(portLabel);
    address->addWidget(m_port);
    auto *hostLabel = new QLabel(tr("&Host"), this);
    hostLabel->setBuddy(m_host);
    layout->addRow(hostLabel, address);

    m_database = addField(layout, tr("&Database"), tr("Database"), tr("PGDATABASE, or the user's name"));
    m_user = addField(layout, tr("&User"), tr("User"), tr("PGUSER, or the login name"));
    m_password = addField(layout, tr("Pass&word"), tr("Password"), tr("left to .pgpass where empty"));
    m_password->setEchoMode(QLineEdit::Password);
    m_keep = new QCheckBox(tr("&Keep it in the desktop's keychain"), this);
    m_keep->setAccessibleName(tr("Keep the password in the keychain"));
    m_keep->setChecked(true);
    layout->addRow(QString(), m_keep);
    m_tls = new QComboBox(this);
    m_tls->setAccessibleName(tr("TLS mode"));
    m_tls->addItem(tr("prefer (libpq's default)"), QString());
    for (const char *mode : {"disable", "allow", "require", "verify-ca", "verify-full"})
        m_tls->addItem(QString::fromLatin1(mode), QString::fromLatin1(mode));
    layout->addRow(tr("&TLS"), m_tls);
    m_service = addField(layout, tr("Ser&vice"), tr("Service of the service file"), tr("a section of pg_service.conf"));

    m_environment = new QComboBox(this);
    m_environment->setAccessibleName(tr("Environment"));
    const Theme &theme = Theme::of(palette());
    for (const Environment environment : {Environment::Development, Environment::Test, Environment::Production})
        m_environment->addItem(swatch(theme.of(environment), fontMetrics().height()), environmentText(environment),
                               static_cast<int>(environment));
    layout->addRow(tr("&Environment"), m_environment);
    m_safety = new QComboBox(this);
    m_safety->setAccessibleName(tr("Safety"));
    m_safety->addItem(tr("Read-only"), static_cast<int>(Safety::ReadOnly));
    m_safety->addItem(tr("Confirm each change"), static_cast<int>(Safety::Confirm));
    m_safety->addItem(tr("Free"), static_cast<int>(Safety::Free));
    layout->addRow(tr("Sa&fety"), m_safety);
    m_safetyText = new QLabel(this);
    m_safetyText->setWordWrap(true);
    m_safetyText->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    m_safetyText->setMinimumHeight(fontMetrics().lineSpacing() * 2);
    m_safetyText->setForegroundRole(QPalette::PlaceholderText);
    layout->addRow(QString(), m_safetyText);
    m_databases = addField(layout, tr("W&atch"), tr("Databases to watch, separated by commas"),
                           tr("all databases the role may connect to"));
    m_seconds = new QSpinBox(this);
    m_seconds->setAccessibleName(tr("Interval in seconds"));
    m_seconds->setRange(1, 3600);
    m_seconds->setPrefix(tr("every "));
    m_seconds->setSuffix(tr(" s"));
    m_seconds->setMaximumWidth(fontMetrics().averageCharWidth() * 20);
    layout->addRow(tr("&Interval"), m_seconds);
    m_atStart = new QCheckBox(tr("Connect when Tidemark sta&rts"), this);
    m_atStart->setAccessibleName(tr("Connect at start"));
    layout->addRow(QString(), m_atStart);

    connect(m_line, &QLineEdit::textEdited, this, &ConnectionForm::readLine);
    for (QLineEdit *field : {m_host, m_port, m_database, m_user, m_service})
        connect(field, &QLineEdit::textEdited, this, &ConnectionForm::readFields);
    connect(m_tls, &QComboBox::activated, this, &ConnectionForm::readFields);
    connect(m_safety, &QComboBox::currentIndexChanged, this, &ConnectionForm::explainSafety);
    for (QLineEdit *field : {m_name, m_password, m_databases})
        connect(field, &QLineEdit::textEdited, this, &ConnectionForm::edited);
    setProfile({});
}

QLineEdit *ConnectionForm::addField(QFormLayout *layout, const QString &label, const QString &accessibleName,
                                    const QString &placeholder)
{
    auto *field = new QLineEdit(this);
    field->setAccessibleName(accessibleName);
    field->setPlaceholderText(placeholder);
    layout->addRow(label, field);
    return field;
}

void ConnectionForm::setProfile(const Profile &profile)
{
    m_connInfo = profile.connInfo;
    m_budgetPercent = profile.budgetPercent;
    m_name->setText(profile.name);
    m_line->setText(profile.connInfo.withoutPassword());
    m_line->setCursorPosition(0);
    m_lineProblem->hide();
    fillFields();
    m_password->clear();
    m_environment->setCurrentIndex(m_environment->findData(static_cast<int>(profile.environment)));
    m_safety->setCurrentIndex(m_safety->findData(static_cast<int>(profile.safety)));
    m_databases->setText(profile.databases.join(QStringLiteral(", ")));
    m_seconds->setValue(static_cast<int>(std::chrono::duration_cast<std::chrono::seconds>(profile.interval).count()));
    m_atStart->setChecked(profile.connectAtStart);
    explainSafety();
}

Result<Profile> ConnectionForm::profile() const
{
    if (m_lineProblem->isVisible())
        return fail(Error::input(m_lineProblem->text()));
    bool isNumber = false;
    const int port = m_port->text().toInt(&isNumber);
    if (!m_port->text().isEmpty() && (!isNumber || port < 1 || port > 65535)
        && !m_port->text().contains(QLatin1Char(',')))
        return fail(Error::input(tr("%1 is not a port").arg(m_port->text()), tr("Give a number from 1 to 65535.")));
    Profile profile;
    profile.connInfo = m_connInfo;
    profile.name = m_name->text().trimmed();
    if (profile.name.isEmpty())
        profile.name = m_connInfo.display();
    profile.environment = static_cast<Environment>(m_environment->currentData().toInt());
    profile.safety = static_cast<Safety>(m_safety->currentData().toInt());
    for (const QString &database : m_databases->text().split(QLatin1Char(','), Qt::SkipEmptyParts))
        profile.databases << database.trimmed();
    profile.interval = std::chrono::seconds(m_seconds->value());
    profile.budgetPercent = m_budgetPercent;
    profile.connectAtStart = m_atStart->isChecked();
    return profile;
}

QString ConnectionForm::password() const
{
    return m_password->text();
}

bool ConnectionForm::keepsPassword() const
{
    return m_keep->isChecked();
}

void ConnectionForm::focusName()
{
    m_name->setFocus(Qt::OtherFocusReason);
    m_name->selectAll();
}

void ConnectionForm::focusDatabases()
{
    m_databases->setFocus(Qt::OtherFocusReason);
    m_databases->selectAll();
}

void ConnectionForm::readLine()
{
    const auto input = readConnection(m_line->text());
    m_lineProblem->setVisible(!input);
    if (!input) {
        m_lineProblem->setText(input.error().hint.isEmpty()
                                   ? input.error().message
                                   : QString(input.error().message + QLatin1Char('\n') + input.error().hint));
        QPalette colors = palette();
        colors.setColor(QPalette::WindowText, Theme::of(palette()).of(Severity::Critical));
        m_lineProblem->setPalette(colors);
    } else {
        m_connInfo = input->connInfo;
        if (!input->password.isEmpty())
            m_password->setText(input->password);
        fillFields();
    }
    Q_EMIT edited();
}

void ConnectionForm::readFields()
{
    m_connInfo = m_connInfo.with(QStringLiteral("host"), m_host->text().trimmed())
                     .with(QStringLiteral("port"), m_port->text().trimmed())
                     .with(QStringLiteral("dbname"), m_database->text().trimmed())
                     .with(QStringLiteral("user"), m_user->text().trimmed())
                     .with(QStringLiteral("service"), m_service->text().trimmed())
                     .with(QStringLiteral("sslmode"), m_tls->currentData().toString());
    m_line->setText(m_connInfo.withoutPassword());
    m_line->setCursorPosition(0);
    m_lineProblem->hide();
    Q_EMIT edited();
}

void ConnectionForm::fillFields()
{
    m_host->setText(m_connInfo.value(QStringLiteral("host")));
    m_port->setText(m_connInfo.value(QStringLiteral("port")));
    m_database->setText(m_connInfo.value(QStringLiteral("dbname")));
    m_user->setText(m_connInfo.value(QStringLiteral("user")));
    m_service->setText(m_connInfo.value(QStringLiteral("service")));
    m_tls->setCurrentIndex(std::max(0, m_tls->findData(m_connInfo.value(QStringLiteral("sslmode")))));
}

void ConnectionForm::explainSafety()
{
    switch (static_cast<Safety>(m_safety->currentData().toInt())) {
    case Safety::ReadOnly:
        m_safetyText->setText(
            tr("Sessions are read-only on the server itself; nothing can be cancelled or terminated."));
        break;
    case Safety::Confirm:
        m_safetyText->setText(tr("Each change is shown as SQL and confirmed before it runs."));
        break;
    case Safety::Free:
        m_safetyText->setText(tr("Only what cannot be undone is asked for."));
        break;
    }
}

} // namespace tidemark::ui
