//! PHP: scripts, the built-in server (`php -S ADDRESS [-t ROOT] [ROUTER]`), FPM, which shows as
//! `php-fpm: pool NAME`, Laravel's `artisan` and Symfony's `bin/console`.

use super::{Launch, absolute, file_name, folder, join, option, positional, title, working_folder};
use ira_model::ProcessDetails;

const WITH_VALUE: &[&str] = &["-d", "-c", "-t", "-z", "-B", "-R", "-F", "-E"];

pub(super) fn launch(details: &ProcessDetails) -> Option<Launch> {
    let program = super::program(details);
    if program.starts_with("php-fpm") {
        return Some(Launch::named("php-fpm", "php-fpm").with_engine("PHP-FPM"));
    }
    if let Some(title) = title(details) {
        if title.starts_with("php-fpm:") {
            return Some(Launch::named("php-fpm", "php-fpm").with_engine("PHP-FPM"));
        }
        let words: Vec<String> = title.split(' ').map(str::to_owned).collect();
        return launch(&ProcessDetails { arguments: words, ..details.clone() });
    }
    if program == "frankenphp" {
        return None;
    }
    let arguments = &details.arguments;
    if arguments.iter().skip(1).take_while(|a| a.starts_with('-')).any(|a| a == "-r") {
        return None;
    }
    if option(arguments, &["-S"]).is_some() {
        return Some(built_in(details));
    }
    let (at, script) = positional(arguments, 1, WITH_VALUE)?;
    if super::is_descriptor(script) {
        return None;
    }
    let path = absolute(details, script);
    let root = folder(&path);
    let command = arguments.get(at + 1).map_or("", String::as_str);
    match file_name(&path) {
        "artisan" => Some(of_project(root, "Laravel", path.clone(), command)),
        "console" if root.ends_with("/bin") => {
            Some(of_project(folder(root), "Symfony", path.clone(), command))
        }
        "console" if root.ends_with("/app") => {
            Some(of_project(folder(root), "Symfony", path.clone(), command))
        }
        "server.php" if path.contains("/vendor/laravel/") => {
            let root = path.split_once("/vendor/").map_or(root, |(root, _)| root).to_owned();
            Some(of_project(&root, "Laravel", path, "serve"))
        }
        name @ ("composer" | "composer.phar") => {
            let folder = details.working_directory.as_deref().unwrap_or("");
            let shown = working_folder(details)
                .map_or_else(|| name.to_owned(), |folder| format!("{folder} / composer"));
            Some(Launch { is_runner: true, ..Launch::named(join(folder, "composer"), shown) })
        }
        _ => Some(Launch::file(path)),
    }
}

fn built_in(details: &ProcessDetails) -> Launch {
    let root = option(&details.arguments, &["-t"]).map(|root| absolute(details, root));
    let router = positional(&details.arguments, 1, &["-S", "-t", "-d", "-c"]).map(|(_, file)| file);
    let laravel = router.is_some_and(|router| router.contains("/vendor/laravel/"));
    let root = root.or_else(|| details.working_directory.clone()).unwrap_or_default();
    // The site is the folder above its public one.
    let site = match file_name(&root) {
        "public" | "web" | "public_html" | "htdocs" | "www" if folder(&root).len() > 1 => {
            folder(&root)
        }
        _ => root.as_str(),
    };
    let name = Some(file_name(site)).filter(|name| !name.is_empty()).unwrap_or("php -S");
    let launch = Launch::named(site, name);
    let main = router.map(|router| absolute(details, router));
    let engine = if laravel { "Laravel" } else { "PHP" };
    Launch { main: main.filter(|_| !laravel), ..launch.with_engine(engine) }
}

/// A framework's command: `serve` is the project, a worker is told with what it does.
fn of_project(root: &str, engine: &'static str, main: String, command: &str) -> Launch {
    let folder = Some(file_name(root)).filter(|name| !name.is_empty()).unwrap_or(engine);
    let (key, name) = match command {
        "" | "serve" | "server:run" | "server:start" => (root.to_owned(), folder.to_owned()),
        command => (join(root, command), format!("{folder} {command}")),
    };
    Launch { main: Some(main), ..Launch::named(key, name).with_engine(engine) }
}
